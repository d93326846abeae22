// A dream on stage: its rows can be kept and brought back with the truth beside them, and what is true of that truth is told.
using System.Buffers;
using Umwelt.Models;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Server.Internal.Training;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Dreams;

internal sealed class DreamStage : Stage
{
    private readonly DreamWorld _dream;
    private readonly string? _run;
    private string? _model;

    public DreamStage(DreamWorld dream)
        : base(dream) => _dream = dream;

    private DreamStage(DreamWorld dream, string run, string model)
        : this(dream) => (_run, _model) = (run, model);

    public override DreamWorld Dream => _dream;

    public override bool CanKeep => true;

    /// <summary>Opens a dream of so many rows.</summary>
    public static DreamStage Open(DreamSource source, int rows, Func<string, Stage> openTruth)
    {
        StartingMoments? starts = null;
        Stage? truth = null;
        var folder = ModelVersions.Newest(source.Model) ?? throw new InvalidDataException($"{source.Model} holds no model yet");
        var model = Umwelt.Models.Dream.Open(folder, rows: rows);
        try
        {
            starts = source.History is { } history ? new StartingMoments(history, model.Schema) : null;
            truth = source.Truth is { } name ? openTruth(name) : null;
            return ModelVersions.IsRun(source.Model)
                ? new DreamStage(new DreamWorld(model, truth, source.Truth, starts, isRenewed: true), source.Model, folder)
                : new DreamStage(new DreamWorld(model, truth, source.Truth, starts));
        }
        catch
        {
            starts?.Dispose();
            truth?.Dispose();
            model.Dispose();
            throw;
        }
    }

    public override bool Renew()
    {
        if (_run is null || ModelVersions.Newest(_run) is not { } newest || string.Equals(newest, _model, StringComparison.Ordinal))
        {
            return false;
        }

        _model = newest; // Whatever is wrong with it is said once.
        _dream.Become(Umwelt.Models.Dream.Open(newest, rows: _dream.Count));
        return true;
    }

    public override object Keep(int row) => _dream.Keep(row);

    public override void Return(int row, object state, Umwelt.Moments.MomentBatch moments) => _dream.Return(row, (KeptDream)state);

    public override void WriteTruth(int row, IBufferWriter<byte> output)
    {
        if (_dream.Row(row).IsReal)
        {
            _dream.Truth!.WriteTruth(row, output);
        }
    }

    public override HouseMap? Map(int row) => _dream.Row(row).IsReal ? _dream.Truth!.Map(row) : null;
}
