// The models of a run: a folder each, named by its step, so that none is ever replaced in place, and the one it ends with. The
// newest is the one to dream in.
namespace Umwelt.Server.Internal.Training;

internal static class ModelVersions
{
    private const string Folder = "models";
    private const string LastName = "model";
    private const string ModelFile = "model.json";

    /// <summary>Whether a folder is a run, whose models may still become better.</summary>
    public static bool IsRun(string folder) => !File.Exists(Path.Combine(folder, ModelFile));

    /// <summary>The newest model in a run's folder, or the folder itself where it is a model; null where there is none yet.</summary>
    public static string? Newest(string folder)
    {
        if (!IsRun(folder))
        {
            return folder;
        }

        var last = Path.Combine(folder, LastName);
        var versions = Path.Combine(folder, Folder);
        var newest = !Directory.Exists(versions) ? null : Directory.EnumerateDirectories(versions)
            .Where(version => File.Exists(Path.Combine(version, ModelFile)) && Path.GetFileName(version)[0] != '.')
            .Max(StringComparer.Ordinal);
        return !File.Exists(Path.Combine(last, ModelFile)) ? newest
            : newest is null || File.GetLastWriteTimeUtc(Path.Combine(last, ModelFile)) > File.GetLastWriteTimeUtc(Path.Combine(newest, ModelFile)) ? last
            : newest;
    }
}
