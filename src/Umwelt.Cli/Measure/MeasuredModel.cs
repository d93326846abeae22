// Who is measured, by the word on the command line: a control, or a model's folder, whose channels must be those of the data.
using Umwelt.Cli.Measure.House;
using Umwelt.Learning.Measures;
using Umwelt.Moments;

namespace Umwelt.Cli.Measure;

internal sealed class MeasuredModel : IDisposable
{
    private MeasuredModel(Dreamer dreamer) => Dreamer = dreamer;

    public Dreamer Dreamer { get; }

    /// <summary>Whether it is the truth or the copy, which nobody trained.</summary>
    public bool IsControl => Dreamer is HouseDreamer or CopyDreamer;

    public static MeasuredModel Open(string name, Recording recording, HouseReplay? replay, string problem) => name switch
    {
        MeasureRun.Truth when !Directory.Exists(name) => new MeasuredModel(new HouseDreamer(replay ?? throw new CommandFailedException($"{recording.Folder}: the truth can't be found again: {problem}."))),
        MeasureRun.Copy when !Directory.Exists(name) => new MeasuredModel(new CopyDreamer(recording.Schema)),
        _ => throw new CommandFailedException($"{name}: there is no such model; a model is a folder with model.json."),
    };

    public void Dispose()
    {
    }
}
