// `umwelt worlds`: the list names every world there is, a probe says what it found, and what can't be opened is one line.
using System.Text.Json;
using Umwelt.Cli.Commands;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class WorldsCommandTests
{
    [Fact]
    public async Task TheListNamesEveryWorld()
    {
        var (code, output, _) = await Run("--json");

        Assert.Equal(CommandLine.Done, code);
        Assert.All(WorldCatalogue.Entries, entry => Assert.Contains(entry.Pattern, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AProbeSaysWhatItFound()
    {
        var (code, output, _) = await Run("probe", "pendulum", "--moments", "250", "--json");

        Assert.Equal(CommandLine.Done, code);
        using var document = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var found = document.RootElement;
        Assert.Equal(250, found.GetProperty("moments").GetInt64());
        Assert.Equal(1, found.GetProperty("truncations").GetInt64());
        Assert.True(found.GetProperty("is_deterministic").GetBoolean());
        Assert.Equal(1, found.GetProperty("delay").GetInt32());
        Assert.Equal(["arm", "torque", "reward"], found.GetProperty("channels").EnumerateArray().Select(channel => channel.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task AProbeWritesAMappingThatOpensAndReplacesNone()
    {
        var folder = Directory.CreateTempSubdirectory("umwelt-mapping-");
        try
        {
            var file = Path.Combine(folder.FullName, "swing.json");
            Assert.Equal(CommandLine.Done, (await Run("probe", "pendulum", "--moments", "100", "--mapping", file)).Code);
            using (var world = WorldCatalogue.Open("mapped:" + file))
            {
                Assert.Equal(["arm", "torque", "reward"], world.Schema.Channels.Select(channel => channel.Name));
            }

            var written = File.ReadAllText(file);
            var (code, _, error) = await Run("probe", "pendulum", "--moments", "20", "--mapping", file);
            Assert.Equal((CommandLine.Failed, written), (code, File.ReadAllText(file)));
            Assert.Contains(file, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("did you mean 'pendulum'?", CommandLine.Misused, "probe", "pendulm")]
    [InlineData("did you mean 'size'?", CommandLine.Misused, "probe", "balls?siz=32")]
    [InlineData("--moments takes", CommandLine.Misused, "probe", "balls", "--moments", "1")]
    [InlineData("no-such-file", CommandLine.Failed, "probe", "text:no-such-file")]
    public async Task WhatCannotBeOpenedIsOneLine(string said, int expected, params string[] arguments)
    {
        var (code, _, error) = await Run(arguments);

        Assert.Equal(expected, code);
        Assert.Contains(said, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Error)> Run(params string[] arguments) =>
        ConsoleOutput.OfAsync(WorldsCommand.Create(), TestContext.Current.CancellationToken, ["worlds", .. arguments]);
}
