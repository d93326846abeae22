// The files under Golden/, each made by the script beside it.
using System.Text.Json;

namespace Umwelt.Networks.Text.Tests;

internal static class GoldenFiles
{
    public static JsonDocument Open(string name)
    {
        using var stream = typeof(GoldenFiles).Assembly.GetManifestResourceStream(name)!;
        return JsonDocument.Parse(stream);
    }
}
