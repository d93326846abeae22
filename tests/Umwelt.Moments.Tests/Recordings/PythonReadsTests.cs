// Any language reads recordings: the example of docs/formats/recording.md runs as it stands, and says what is there.
using System.Diagnostics;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

public sealed class PythonReadsTests
{
    [Fact]
    public void The_example_of_the_format_reads_a_recording()
    {
        using var folder = new TemporaryFolder();
        var written = Journal.Of(2, 1, 5);
        written.Write(folder["r"], new Provenance());
        string[] further =
        [
            "    speech = dict(tensors(path))",
            "    offsets, text = speech['speech.offsets'][1], speech['speech.bytes'][1]",
            "    print([bytes(text[a:b]).decode() for a, b in zip(offsets, offsets[1:])])",
            "    print(speech['hearing'][1][3])",
        ];
        File.WriteAllText(folder["example.py"], Example() + string.Join('\n', further) + "\n");
        var lines = Run(folder["example.py"], folder["r"]);
        Assert.SkipWhen(lines is null, "There is no python3.");
        for (var stream = 0; stream < 2; stream++)
        {
            Assert.StartsWith($"000{stream}-000000.safetensors ", lines[stream * 3], StringComparison.Ordinal);
            foreach (var tensor in new[] { "'sight': [5, 3, 5, 3]", "'hearing': [5, 7, 2]", "'use': [5, 1]", "'speech.offsets': [6]", "'moment.ending': [5]", "'episode.seed': [1]" })
            {
                Assert.Contains(tensor, lines[stream * 3], StringComparison.Ordinal);
            }

            var texts = Enumerable.Range(0, 5).Select(row => $"'{written.All[(stream * 5) + row].Text("speech")}'");
            Assert.Equal($"[{string.Join(", ", texts)}]", lines[(stream * 3) + 1]);
            Assert.Equal(written.All.Sound(1, stream * 5)[3].ToString(System.Globalization.CultureInfo.InvariantCulture), lines[(stream * 3) + 2]);
        }
    }

    private static string Example()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "recording.md"));
        var start = page.IndexOf("```python\n", StringComparison.Ordinal) + 10;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string[]? Run(string script, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", [script, argument])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                Environment = { ["PYTHONIOENCODING"] = "utf-8" },
            })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
