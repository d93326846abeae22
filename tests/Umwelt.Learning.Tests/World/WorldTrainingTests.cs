// Training a world model: every question is asked as often as was said, borders of episodes are never crossed, a run that is
// resumed is the run never stopped, and a small world is learnt better than by copying it.
using Umwelt.Learning.Internal.World;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Learning.Tests.World;

public sealed class WorldTrainingTests : IDisposable
{
    private static readonly WorldModelOptions Small = new()
    {
        Width = 32,
        Heads = 2,
        Registers = 2,
        Backbone = "space, attention(on: others, window: 4), mlstm(on: registers)",
        Decoder = "space",
        PictureSlots = 4,
        PictureFeatures = [16],
        PictureReadOutBlocks = 1,
        SoundHidden = 32,
        VectorHidden = 64,
        MostTokens = 4,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly Engine _engine = new(new CpuBackend(2));

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_run_that_was_stopped_and_resumed_leaves_the_model_of_the_run_never_stopped()
    {
        Record("balls:1?size=16&motor=true&length=37", 200);
        var run = Run(steps: 8) with { Keep = 9, Objective = new WorldObjective { Dreamed = 0.7, DreamedAfter = 3 } };
        var whole = Train(run with { Out = _folder["whole"] }, false, -1);
        var first = Train(run with { Out = _folder["broken"] }, false, 5);
        var second = Train(run with { Out = _folder["broken"] }, true, -1);
        foreach (var file in Directory.GetFiles(_folder["whole/model"]))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["broken/model"], Path.GetFileName(file))));
        }

        Assert.Equal(whole.Select(step => step.Loss), first.Concat(second).Select(step => step.Loss));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_taken_in_parts_has_the_losses_of_the_whole(bool shortcuts)
    {
        Record("balls:1?size=16&motor=true&length=37", 200);
        var parts = Run(steps: 1) with { Model = Small with { Shortcuts = shortcuts }, Objective = new WorldObjective { Dreamed = 0.5 } };
        var whole = Train(parts with { Out = _folder["whole"] }, false, -1);
        var parted = Train(parts with { Out = _folder["parts"], Training = parts.Training with { Portion = 1 } }, false, -1);
        foreach (var (one, other) in whole[0].Losses.Zip(parted[0].Losses))
        {
            Assert.Equal(one.Value, other.Value, 1e-4 * (1 + Math.Abs(one.Value)));
        }
    }

    [Fact]
    public void A_pendulum_is_learnt_better_than_by_copying_the_last_moment()
    {
        Record("pendulum", 4000);
        var run = Run(steps: 250) with { Out = _folder["pendulum"], Measure = new WorldMeasure { Rows = 8, Prime = 8, Horizon = 4 } };
        run = run with { Training = run.Training with { BatchSize = StagedSchedule.Constant(8), Length = StagedSchedule.Constant(12), Rate = 3e-3 } };
        var steps = Train(run, false, -1);
        foreach (var (name, _) in steps[0].Losses)
        {
            // What is said with certainty from the first step on can't fall any further.
            Assert.True(Mean(steps[^40..], name) < Mean(steps[..40], name), name);
        }

        using var recording = Recording.Open(_folder["data"]);
        using var model = WorldModel.Load(_engine, _folder["pendulum/model"]);
        var figures = WorldEvaluation.Measure(model, [recording], new EpisodeSplit(run.Data.HeldOut, run.Seed), run.Measure).ToDictionary(StringComparer.Ordinal);
        Assert.True(figures["arm_1"] < 0.5 * CopyingError(recording, "arm"), $"{figures["arm_1"]} against {CopyingError(recording, "arm")}");
    }

    [Fact]
    public void Questions_are_asked_in_their_shares_and_never_over_the_border_of_an_episode()
    {
        Record("balls:1?size=16&motor=true&length=11", 400);
        using var recording = Recording.Open(_folder["data"]);
        var lanes = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 21, BatchSize = 4, Seed = 1 });
        using var model = new WorldModel(_engine, recording.Schema, Small);
        var objective = new WorldObjective { Simulate = 0.5, Act = 0.25, Inverse = 0.25, Independent = 0, Caption = 1, Imagine = 1 };
        var questions = new WorldQuestions(recording.Schema, objective);
        var batch = new WorldBatch(Next(lanes), 0, 0, 4);
        var plan = new WorldPlan(model, questions, objective, 7, batch);
        Assert.Equal(40, plan.Question.Count(question => question == WorldQuestion.Simulate));
        Assert.Equal(20, plan.Question.Count(question => question == WorldQuestion.Act));
        Assert.Equal(20, plan.Question.Count(question => question == WorldQuestion.Inverse));
        var borders = 0;
        for (var i = 0; i < plan.Transitions; i++)
        {
            if (batch.Resets[plan.MomentOf(i) + 1])
            {
                borders++;
                Assert.True(plan.Forgets[i] && plan.IsBlind[i]);
            }
        }

        Assert.True(borders > 0);
        var push = recording.Schema.IndexOf("push");
        Assert.All(plan.Scored(push), scored => Assert.NotEqual(WorldQuestion.Simulate, scored.Question));
        Assert.All(plan.Scored(0), scored => Assert.Equal(1, plan.NextLevels[0][scored.Transition]));
    }

    [Fact]
    public void A_dreamed_lane_differs_from_its_second_moment_on_in_all_but_its_motors_and_borders_on_no_episode()
    {
        Record("balls:1?size=16&motor=true&length=37", 400);
        using var recording = Recording.Open(_folder["data"]);
        var lanes = new LaneBatches(new DataMix(recording), new LaneOptions { Length = 9, BatchSize = 8, Seed = 1 });
        using var model = new WorldModel(_engine, recording.Schema, Small);
        var objective = new WorldObjective { Dreamed = 0.6, DreamedAfter = 5, Absent = 0 };
        var questions = new WorldQuestions(recording.Schema, objective);
        using var state = model.Backbone.CreateState(8, model.SlotCount);
        Assert.DoesNotContain(true, new WorldPlan(model, questions, objective, 7, new WorldBatch(Next(lanes), 4, 0, 8)).IsDreamed);
        var batch = new WorldBatch(Next(lanes), 5, 0, 8);
        var plan = new WorldPlan(model, questions, objective, 7, batch);
        var past = new WorldDreams(model, 7).Of(batch, plan, state);
        Assert.Contains(true, plan.IsDreamed);
        for (var i = 0; i < past.Count; i++)
        {
            var (row, t) = (i / 9, i % 9);
            Assert.False(plan.IsDreamed[row] && t > 0 && batch.Resets[i]);
            for (var c = 0; c < recording.Schema.Channels.Length; c++)
            {
                var isDreamed = plan.IsDreamed[row] && t > 0 && !WorldQuestions.IsMotor(recording.Schema.Channels[c]);
                Assert.True(isDreamed || past.Bytes(c, i).SequenceEqual(batch.Moments.Bytes(c, i)));
                Assert.True(!isDreamed || recording.Schema.Channels[c] is not ImageChannel || !past.Bytes(c, i).SequenceEqual(batch.Moments.Bytes(c, i)));
                Assert.True(!isDreamed || plan.PastNoise(c)[i] == 0);
            }
        }
    }

    [Fact]
    public void Surprise_is_standardised_by_what_held_out_episodes_came_to()
    {
        Record("balls:1?size=16&motor=true&length=37", 200);
        var run = Run(steps: 4);
        Train(run, false, -1);
        using var recording = Recording.Open(_folder["data"]);
        using var model = WorldModel.Load(_engine, _folder["out/model"]);
        var usual = model.Surprises;
        Assert.Equal(model.Schema.Channels.Length, usual.Length);
        var sight = usual[0]!;
        var episode = recording.Episodes.First(episode => new EpisodeSplit(run.Data.HeldOut, run.Seed).IsHeldOut(episode));
        using var dream = model.Dream();
        var moments = new MomentBatch(model.Schema, 1);
        var (raw, standardised) = (new double[usual.Length], new double[usual.Length]);
        recording.Read(episode.Start + 2, 1, moments, 0);
        dream.Prime(moments, 1);
        recording.Read(episode.Start + 3, 1, moments, 0);
        dream.Surprise(moments, raw);
        dream.Surprise(moments, standardised, isStandardised: true);
        Assert.Equal((raw[0] - sight.Mean) / sight.Deviation, standardised[0], 1e-9);
        double[] some = [.. WorldEvaluation.Surprises(model, [recording], new EpisodeSplit(run.Data.HeldOut, run.Seed), run.Measure).Select(scale => scale?.Mean ?? 0)];
        Assert.Equal(usual.Select(scale => scale?.Mean ?? 0), some);
        Assert.Equal(0, SurpriseScale.Of([1, 2, 6])!.Standardised(3), 1e-12);
        model.Surprises = [];
        Assert.Throws<InvalidOperationException>(() => dream.Surprise(moments, raw, isStandardised: true));
    }

    [Fact]
    public void A_run_that_begins_with_a_model_begins_where_it_stands()
    {
        Record("balls:1?size=16&motor=true&length=37", 200);
        var run = Run(steps: 4) with { Out = _folder["first"], Precision = DataType.BFloat16 };
        Train(run, false, -1);
        using var training = new WorldTraining(_engine, run with { Out = _folder["second"], From = _folder["first/model"], Seed = 5 });
        using var first = WorldModel.Load(_engine, _folder["first/model"]);
        foreach (var (one, other) in first.Parameters.Parameters.Zip(training.Model.Parameters.Parameters))
        {
            Assert.Equal(one.Value.ToArray<float>(), other.Value.ToArray<float>());
        }
    }

    [Fact]
    public void A_configuration_says_what_can_not_be()
    {
        foreach (var (wrong, key) in (ReadOnlySpan<(WorldRun, string)>)
        [
            (Run(1) with { Data = new WorldData() }, "data.recordings"),
            (Run(1) with { Objective = new WorldObjective { Act = 2 } }, "objective.act"),
            (Run(1) with { Model = Small with { Width = 31 } }, "width"),
        ])
        {
            Assert.Contains(key, Assert.Throws<ArgumentException>(() => new WorldTraining(_engine, wrong).Dispose()).Message, StringComparison.Ordinal);
        }
    }

    private static SequenceBatch Next(LaneBatches lanes)
    {
        var batch = lanes.CreateBatch();
        lanes.Next(batch);
        return batch;
    }

    private static double Mean(IReadOnlyList<TrainingStep> steps, string loss) =>
        steps.SelectMany(step => step.Losses).Where(pair => pair.Key == loss && double.IsFinite(pair.Value)).Average(pair => pair.Value);

    private static double CopyingError(Recording recording, string name)
    {
        var channel = recording.Schema.IndexOf(name);
        var batch = new MomentBatch(recording.Schema, 200);
        recording.Read(0, 200, batch);
        var numbers = recording.Schema.Channels[channel].ElementCount;
        var scale = ChannelScale.Of(recording.Schema.Channels[channel], RecordingStatistics.Of(recording)[name]);
        var sum = 0.0;
        for (var row = 1; row < 200; row++)
        {
            for (var i = 0; i < numbers; i++)
            {
                var difference = (batch.Vector(channel, row)[i] - batch.Vector(channel, row - 1)[i]) / scale.Deviation[i];
                sum += difference * difference;
            }
        }

        return sum / (199 * numbers);
    }

    private void Record(string name, int moments) => SmallRecording.Of(name, moments, _folder["data"]);

    private WorldRun Run(int steps) => new()
    {
        Out = _folder["out"],
        Data = new WorldData { Recordings = [_folder["data"]], HeldOut = 0.2 },
        Model = Small,
        Measure = new WorldMeasure { Rows = 2, Prime = 4, Horizon = 2 },
        Training = new TrainerOptions
        {
            Steps = steps,
            WarmUp = 5,
            BatchSize = StagedSchedule.Constant(2),
            Length = StagedSchedule.Constant(8),
            Balance = true,
            EvaluateEvery = 4,
            CheckpointEvery = 4,
        },
    };

    private List<TrainingStep> Train(WorldRun run, bool resumes, int stopAfter)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watcher = new Watcher(stopAfter, cancellation);
        using var training = new WorldTraining(_engine, run, resumes, watcher);
        training.Run(cancellation.Token);
        return watcher.Steps;
    }

    private sealed class Watcher(int stopAfter, CancellationTokenSource cancellation) : TrainingObserver
    {
        public List<TrainingStep> Steps { get; } = [];

        public override void Stepped(TrainingStep step)
        {
            Steps.Add(step);
            if (step.Step == stopAfter)
            {
                cancellation.Cancel();
            }
        }
    }
}
