// The demonstration is there whatever came with the program: the dreamed house where a model ships, the real one where none does.
using System.Globalization;
using Umwelt.Cli.Commands;
using Umwelt.House;
using Umwelt.Models;
using Umwelt.Tensors;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class DemoCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("umwelt-demo-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ThePageIsThereUntilItIsStoppedAndWhatIsMissingIsSaidInALine()
    {
        var port = Loopback.FreePort().ToString(CultureInfo.InvariantCulture);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = ConsoleOutput.OfAsync(DemoCommand.Create(), stop.Token, "demo", "--no-open", "--port", port, "--data", _folder.FullName, "--json");
        using var http = new HttpClient();
        string page;
        do
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Error : "");
            page = await Loopback.AskAsync(http, $"http://127.0.0.1:{port}/");
        }
        while (page.Length == 0);

        Assert.Contains("<html", page, StringComparison.Ordinal);
        await stop.CancelAsync();
        var (code, output, _) = await running;
        Assert.Equal(CommandLine.Done, code);
        Assert.Contains($"http://127.0.0.1:{port}/", output, StringComparison.Ordinal);
        Assert.Equal(ShippedModel.Folder is null, output.StartsWith("No model of the house", StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutAModelTheRealHouseIsShownAlone()
    {
        var server = DemoCommand.Server(model: null);
        Assert.Equal("house", Assert.Single(server.Worlds));
    }

    [Fact]
    public void WithAModelTheDreamComesFirstAndTheRealHouseIsThereToo()
    {
        var model = Path.Combine(_folder.FullName, "model");
        Save(model);
        var server = DemoCommand.Server(model);
        Assert.Equal("house", server.Worlds[^1]);
        var dreamed = Assert.Single(server.Dreams);
        Assert.Equal((server.Worlds[0], model, "house"), (dreamed.Name, dreamed.Model, dreamed.Truth));
        using var dream = Dream.Open(dreamed.Model);
        using var house = new HouseWorld();
        Assert.Equal(house.Schema, dream.Schema);
    }

    private static void Save(string folder)
    {
        var options = new WorldModelOptions
        {
            Width = 16,
            Heads = 2,
            Registers = 1,
            Backbone = "space, mlstm(on: registers)",
            Decoder = "space",
            PictureSlots = 4,
            PictureFeatures = [16],
            PictureReadOutBlocks = 1,
            SoundHidden = 16,
            VectorHidden = 16,
            MostTokens = 2,
        };
        using var house = new HouseWorld();
        using var engine = new Engine(new CpuBackend(1));
        using var model = new WorldModel(engine, house.Schema, options, seed: 1);
        model.Save(folder);
    }
}
