// An import into a folder of its own, read back whole: what the tests of importers and exporters look at.
using Umwelt.Moments.Importers;

namespace Umwelt.Moments.Tests.Importers;

internal sealed class Imported
{
    private Imported(ImportPlan plan, string folder)
    {
        Plan = plan;
        Folder = folder;
        using var recording = Recording.Open(folder);
        Schema = recording.Schema;
        Episodes = [.. recording.Episodes];
        Moments = new MomentBatch(Schema, (int)recording.MomentCount);
        recording.Read(0, Moments.Count, Moments);
        Times = new double[Moments.Count];
        recording.ReadTimes(0, Times);
    }

    public ImportPlan Plan { get; }

    public string Folder { get; }

    public Schema Schema { get; }

    public RecordedEpisode[] Episodes { get; }

    public MomentBatch Moments { get; }

    public double[] Times { get; }

    /// <summary>Imports a source that stands in a folder.</summary>
    public static Imported From(string format, string source, ImportOptions? options = null)
    {
        using var importer = Importer.Open(format, source, options);
        var folder = Path.Combine(Path.GetDirectoryName(source)!, $"{Guid.NewGuid():N}");
        importer.Write(folder);
        return new Imported(importer.Plan, folder);
    }

    /// <summary>Imports a table of this text.</summary>
    public static Imported Table(TemporaryFolder folder, string text, ImportOptions? options = null, string format = "csv")
    {
        var path = folder[$"{Guid.NewGuid():N}.{format}"];
        File.WriteAllText(path, text);
        return From(format, path, options);
    }

    /// <summary>Reads a recording that stands already.</summary>
    public static Imported Read(ImportPlan plan, string folder) => new(plan, folder);

    /// <summary>The first number of a vector channel in every moment, NaN where it is absent.</summary>
    public float[] Vector(string channel) =>
        [.. Enumerable.Range(0, Moments.Count).Select(row => Moments[row].Has(channel) ? Moments[row].Vector(channel)[0] : float.NaN)];

    /// <summary>The text of a channel in every moment, null where it is absent.</summary>
    public IEnumerable<string?> Text(string channel) =>
        Enumerable.Range(0, Moments.Count).Select(row => Moments[row].Has(channel) ? Moments[row].Text(channel) : null);

    public int[] Category(string channel) =>
        [.. Enumerable.Range(0, Moments.Count).Select(row => Moments[row].Has(channel) ? Moments[row].Category(channel) : -1)];
}
