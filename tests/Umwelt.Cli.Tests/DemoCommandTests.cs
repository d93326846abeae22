// The demonstration is there whatever came with the program: the dreamed house where a model ships, the real one where none does.
using System.Globalization;
using Umwelt.Cli.Commands;
using Umwelt.Cli.Serve;
using Umwelt.House;
using Umwelt.Models;
using Umwelt.Moments;
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
    public void WithoutAModelTheRealHouseComesFirst()
    {
        var server = DemoCommand.Server(model: null, _folder.FullName);
        Assert.Equal("house", server.Worlds[0]);
        Assert.Equal(server.Training!.Dream, Assert.Single(server.Dreams).Name);
    }

    [Fact]
    public void WithAModelTheDreamComesFirstAndTheRealHouseIsThereToo()
    {
        var model = Path.Combine(_folder.FullName, "model");
        Save(model);
        var server = DemoCommand.Server(model, _folder.FullName);
        Assert.Equal("house", server.Worlds[1]);
        var dreamed = server.Dreams[0];
        Assert.Equal((server.Worlds[0], model, "house"), (dreamed.Name, dreamed.Model, dreamed.Truth));
        using var dream = Dream.Open(dreamed.Model);
        using var house = new HouseWorld();
        Assert.Equal(house.Schema, dream.Schema);
    }

    [Fact]
    public void DreamsBeginInWalksOfThisHouseWhichAreRecordedOnceAndAnewWhereTheyAreOfAnother()
    {
        var folder = DemoHome.BeginningsIn(_folder.FullName)!;
        var file = new FileInfo(Path.Combine(folder, "recording.json"));
        var written = file.LastWriteTimeUtc;
        using (var recording = Recording.Open(folder))
        {
            Assert.True(recording.Episodes.Count >= 12 && recording.Episodes.All(walk => walk.Offset == 0 && walk.Length > 64), "walks are too few, too short or without a beginning");
        }

        Assert.Equal(folder, DemoHome.BeginningsIn(_folder.FullName));
        file.Refresh();
        Assert.Equal(written, file.LastWriteTimeUtc);

        Directory.Delete(folder, recursive: true);
        using (var other = new HouseWorld(1, new HouseOptions { IsRandom = true }))
        using (var writer = RecordingWriter.Create(folder, other.Schema, new Provenance { Origin = "house", Occupant = "explorer" }))
        {
            new Recorder(other, other.CreateOccupant("explorer"), writer, new RecorderOptions { Seed = 11, Moments = 12 * 150, LongestEpisode = 150 }).Run(cancellation: TestContext.Current.CancellationToken);
        }

        DemoHome.BeginningsIn(_folder.FullName);
        using var walks = Recording.Open(folder);
        using var house = new HouseWorld();
        var (recorded, first) = (new MomentBatch(house.Schema, 1), new MomentBatch(house.Schema, 1));
        walks.Read(walks.Episodes[0].Start, 1, recorded);
        house.Reset(0, walks.Episodes[0].Seed, first);
        var sight = house.Schema.Senses.First(c => house.Schema.Channels[c] is ImageChannel);
        Assert.Equal(first.Bytes(sight, 0).ToArray(), recorded.Bytes(sight, 0).ToArray());
    }

    [Fact]
    public void WhatIsTaughtBeginsWithARecordingThatIsMadeFirstAndGoesOnFromItsCheckpoints()
    {
        var training = DemoCommand.Server(model: null, _folder.FullName).Training!;
        Assert.StartsWith(_folder.FullName, training.Folder, StringComparison.Ordinal);
        Assert.Contains("MB", training.About!, StringComparison.Ordinal);
        var fresh = training.Start!();
        Assert.Equal(["record", "train"], fresh.Select(Verb));
        Assert.Contains("--live", fresh[1].ArgumentList);
        Assert.Contains("--attached", fresh[1].ArgumentList);
        Assert.DoesNotContain("--resume", fresh[1].ArgumentList);
        var data = fresh[0].ArgumentList[^1];
        Assert.StartsWith(_folder.FullName, data, StringComparison.Ordinal);

        Directory.CreateDirectory(data);
        File.WriteAllText(Path.Combine(data, "recording.json"), "{}");
        Directory.CreateDirectory(Path.Combine(training.Folder, "checkpoints", "step-000000001"));
        var again = Assert.Single(training.Start());
        Assert.Equal("train", Verb(again));
        Assert.Contains("--resume", again.ArgumentList);

        static string Verb(System.Diagnostics.ProcessStartInfo start) => start.ArgumentList.First(word => word is "record" or "train");
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
