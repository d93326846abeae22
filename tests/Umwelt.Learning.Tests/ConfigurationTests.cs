// What a file and a command line say is what a run gets, or an error that names the key that can't be.
using System.Text.Json.Serialization;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Learning.Tests;

public sealed partial class ConfigurationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_changes_defaults_its_base_comes_first_and_the_command_line_last()
    {
        Write("base.json", """{ "steps": 10, "optimiser": { "rate": 0.5, "beta": 0.8 } }""");
        var path = Write("run.json", """
            {
              "base": "base.json", // what it builds on
              "optimiser": { "rate": 0.25 },
            }
            """);
        Assert.Equal(new Run(10, "data.txt", new Optimiser(0.25, 0.8)), Read(path));
        Assert.Equal(new Run(20, "a=b.txt", new Optimiser(0.125, 0.8)), Read(path, "steps=20", "data=a=b.txt", "optimiser.rate=0.125"));
    }

    [Fact]
    public void A_resolved_configuration_reads_back_as_it_was()
    {
        var path = Path.Combine(_folder.FullName, "resolved.json");
        var run = new Run(3, "x", new Optimiser(1, 2));
        ConfigurationFile.Write(path, run, TestJson.Default.Run);
        Assert.Equal(run, Read(path));
    }

    [Theory]
    [InlineData("""{ "stepz": 1 }""", "unknown key 'stepz'; did you mean 'steps'?")]
    [InlineData("""{ "optimiser": { "rat": 1 } }""", "unknown key 'optimiser.rat'; did you mean 'optimiser.rate'?")]
    [InlineData("""{ "colour": 1 }""", "unknown key 'colour'; there are data, optimiser, steps")]
    [InlineData("""{ "steps": "many" }""", "'steps': ")]
    [InlineData("""{ "steps": 1, "steps": 2 }""", "steps")]
    [InlineData("""{ "steps": 0 }""", "steps must be positive")]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""{""", "")]
    [InlineData("""{ "base": "run.json" }""", "without an end")]
    public void What_can_not_be_is_named(string json, string problem)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(Write("run.json", json)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePositionInLine", error.Problem.Contains("Path:", StringComparison.Ordinal) ? error.Problem : "", StringComparison.Ordinal);
    }

    private static Run Read(string path, params string[] overrides) => ConfigurationFile.Read(path, overrides, TestJson.Default.Run);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    internal sealed record Run(int Steps = 5, string Data = "data.txt", Optimiser? Optimiser = null)
    {
        public int Steps { get; init; } = Steps > 0 ? Steps : throw new ArgumentException("steps must be positive");
    }

    internal sealed record Optimiser(double Rate = 0.001, double Beta = 0.9);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(Run))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
