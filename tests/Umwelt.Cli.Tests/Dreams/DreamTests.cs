// Stepping inside a model: a dream goes on where the real history ends, is driven by what was really done, and is measured as any
// other dreamer; what does not fit is said in a line.
using Umwelt.Cli.Commands;
using Umwelt.Cli.Dreams;
using Umwelt.Cli.Measure;
using Umwelt.Learning.Measures;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Cli.Tests.Dreams;

[Collection(ConsoleOutput.Name)]
public sealed class DreamTests : IDisposable
{
    private const int History = 6;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_dream_begins_with_the_last_real_moment_and_goes_on_as_one_that_was_primed()
    {
        var (model, data) = (Model("pendulum"), Data("pendulum"));
        using var loaded = WorldModel.Load(model);
        using var stretch = RecordedStretch.Open(data, loaded.Schema, 0, 0, History);
        using var dream = loaded.Dream(5);
        using var world = new PrimedDream(dream, stretch.History);
        var (moments, commands) = (new MomentBatch(world.Schema, 1), new MomentBatch(world.Schema.Motor, 1));
        world.Reset(0, 7, moments);
        for (var c = 0; c < world.Schema.Channels.Length; c++)
        {
            var isMotor = world.Schema.Channels[c].Role == ChannelRole.Motor;
            Assert.Equal(!isMotor && stretch.History!.IsPresent(c, History - 1), moments.IsPresent(c, 0));
            Assert.True(isMotor || moments.Bytes(c, 0).SequenceEqual(stretch.History!.Bytes(c, History - 1)));
        }

        var count = 4;
        var occupant = new RecordedMotors(stretch.Following(ref count, isBound: true));
        using var plain = loaded.Dream(5);
        plain.Forget(0, 7);
        plain.Prime(stretch.History!, History);
        var other = new MomentBatch(world.Schema, 1);
        for (var t = 0; t < count; t++)
        {
            occupant.Act(moments, commands, [true]);
            world.Step(commands, moments);
            plain.Step(commands, other);
            for (var c = 0; c < world.Schema.Channels.Length; c++)
            {
                Assert.True(moments.Bytes(c, 0).SequenceEqual(other.Bytes(c, 0)), $"{world.Schema.Channels[c].Name} at {t}");
            }
        }
    }

    [Fact]
    public void What_a_dream_would_do_is_what_it_infers_when_it_is_asked()
    {
        using var loaded = WorldModel.Load(Model("pendulum"));
        using var dream = loaded.Dream(5, 2);
        var (given, answer, commands) = (new MomentBatch(loaded.Schema, 2), new MomentBatch(loaded.Schema, 2), new MomentBatch(loaded.Schema.Motor, 2));
        dream.Reset(0, 1, answer);
        dream.Reset(1, 2, answer);
        dream.Ask(given, answer);
        dream.Act(commands);
        Assert.All([0, 1], row => Assert.True(commands.Bytes(0, row).SequenceEqual(answer.Bytes(loaded.Schema.Motors[0], row))));
        var first = commands.Bytes(0).ToArray();
        dream.Act(commands, draw: 1);
        Assert.NotEqual(first, commands.Bytes(0).ToArray());
        dream.Act(commands);
        Assert.Equal(first, commands.Bytes(0).ToArray());
    }

    [Fact]
    public void A_model_is_measured_and_one_of_other_channels_is_refused_by_the_channel()
    {
        var (model, data) = (Model("balls:2"), Data("balls:2"));
        var findings = new MeasureRun(model, data, MeasureRun.Chosen("fidelity,speech,acting,memory"), new MeasureOptions { Rollouts = 3, Prime = 5, Horizon = 20, Rows = 2 }) { HeldOut = 0.6 }
            .Run(new Quiet(), TestContext.Current.CancellationToken).Findings;
        Assert.True(double.IsFinite(findings["psnr_20"]));
        var refused = Assert.Throws<CommandFailedException>(() => new MeasureRun(Model("pendulum"), data, MeasureRun.Chosen("fidelity"), new MeasureOptions()).Run(new Quiet(), TestContext.Current.CancellationToken));
        Assert.Contains("lacks", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stretch_that_is_not_there_is_refused()
    {
        var data = Data("pendulum");
        using var recording = Recording.Open(data);
        Assert.Contains("from 0", Assert.Throws<MisuseException>(() => RecordedStretch.Open(data, recording.Schema, 99, 0, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("too few", Assert.Throws<CommandFailedException>(() => RecordedStretch.Open(data, recording.Schema, 0, 0, 100_000)).Message, StringComparison.Ordinal);
    }

    private string Data(string world)
    {
        var folder = Path.Combine(_folder.FullName, "data-" + world.Replace(':', '-'));
        using var opened = RecordCommand.Open(world, 4);
        using var writer = RecordingWriter.Create(folder, opened.Schema, new Provenance { Origin = world });
        new Recorder(opened, opened.CreateOccupant(opened.Occupants[0]), writer, new RecorderOptions { Seed = 3, Moments = 160 }).Run(null, TestContext.Current.CancellationToken);
        return folder;
    }

    private string Model(string world)
    {
        var folder = Path.Combine(_folder.FullName, "model-" + world.Replace(':', '-'));
        using var opened = RecordCommand.Open(world);
        using var engine = new Engine(new CpuBackend(1));
        var options = new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "space, mlstm(on: registers)", Decoder = "space", PictureFeatures = [16], SoundHidden = 16, VectorHidden = 16 };
        using var model = new WorldModel(engine, opened.Schema, options, seed: 4);
        model.Save(folder);
        return folder;
    }

    private sealed class Quiet : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
