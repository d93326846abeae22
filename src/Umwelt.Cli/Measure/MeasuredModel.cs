// Who is measured, by the word on the command line: a control, or a model's folder, whose channels must be those of the data.
using Umwelt.Cli.Measure.House;
using Umwelt.Learning.Measures;
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Measure;

internal sealed class MeasuredModel : IDisposable
{
    private readonly WorldModel? _model;

    private MeasuredModel(Dreamer dreamer, WorldModel? model = null) => (Dreamer, _model) = (dreamer, model);

    public Dreamer Dreamer { get; }

    /// <summary>Whether it is the truth or the copy, which nobody trained.</summary>
    public bool IsControl => _model is null;

    public static MeasuredModel Open(string name, Recording recording, HouseReplay? replay, string problem)
    {
        if (!Directory.Exists(name))
        {
            return name switch
            {
                MeasureRun.Truth => new MeasuredModel(new HouseDreamer(replay ?? throw new CommandFailedException($"{recording.Folder}: the truth can't be found again: {problem}."))),
                MeasureRun.Copy => new MeasuredModel(new CopyDreamer(recording.Schema)),
                _ => throw new CommandFailedException($"{name}: there is no such model; a model is a folder with model.json, such as umwelt-house/model."),
            };
        }

        var model = WorldModel.Load(name);
        if (model.Schema.Equals(recording.Schema))
        {
            return new MeasuredModel(new ModelDreamer(model, name), model);
        }

        var difference = Difference(model.Schema, recording.Schema);
        model.Dispose();
        throw new CommandFailedException($"{name}: the model knows ({model.Schema}), {recording.Folder} holds ({recording.Schema}): {difference}.");
    }

    public void Dispose() => _model?.Dispose();

    private static string Difference(Schema model, Schema data)
    {
        foreach (var channel in model.Channels)
        {
            if (data.Find(channel.Name) is not { } place)
            {
                return $"the data lacks '{channel.Name}'";
            }

            var other = data.Channels[place];
            if (!other.Equals(channel))
            {
                return $"'{channel.Name}' is {channel.Kind} {string.Join('x', channel.Shape)} for the model and {other.Kind} {string.Join('x', other.Shape)} in the data";
            }
        }

        return data.Channels.FirstOrDefault(channel => model.Find(channel.Name) is null) is { } more ? $"the model lacks '{more.Name}'" : "their rates or the order of their channels differ";
    }
}
