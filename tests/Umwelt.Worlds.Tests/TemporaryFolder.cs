// A folder for one test, gone with it.
namespace Umwelt.Worlds.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("umwelt-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
