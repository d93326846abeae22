// Opens worlds for tests: `text` and `series` over small files of our own, `gym:` over the stand-in.
using Umwelt.Moments;
using Umwelt.Worlds.Tests.Gymnasium;

namespace Umwelt.Worlds.Tests;

internal static class TestWorlds
{
    public const string Text = "Höre, Mond: €5 für 𝄞 und ein bißchen Ruhe.\n";
    public const string Series = "time,height\n0,1.5\n0.1,-2\n0.2,3e2\n0.3,4\n0.4,5\n0.5,6\n0.6,7\n0.7,8\n0.8,9\n0.9,10\n1,11\n";

    private static readonly string Folder = Directory.CreateTempSubdirectory("umwelt-worlds-").FullName;

    static TestWorlds() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(Folder, recursive: true);

    public static World Open(string name, int count)
    {
        var (kind, settings) = name.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? (name[..at], name[at..]) : (name, "");
        return WorldCatalogue.Open(
            kind switch
            {
                "text" => $"text:{FileOf(Text)}{settings}",
                "series" => $"series:{FileOf(Series)}{settings}",
                _ => name,
            },
            new WorldOptions { Count = count, Gymnasium = StandIn.Options });
    }

    /// <summary>A file that holds this.</summary>
    public static string FileOf(ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Folder, $"{Guid.NewGuid():N}.txt");
        using var file = File.Create(path);
        file.Write(content);
        return path;
    }

    public static string FileOf(string content) => FileOf(System.Text.Encoding.UTF8.GetBytes(content));
}
