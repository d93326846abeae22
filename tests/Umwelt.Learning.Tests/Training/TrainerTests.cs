// The laws of a step: parts are the whole, averages are what the formula says, balanced losses weigh alike, and a number that is
// none is named where it arose.
using Umwelt.Learning.Internal;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Learning.Tests.Training;

public sealed class TrainerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void Gradients_added_up_over_parts_are_those_of_the_whole_batch(int portion)
    {
        const int Rows = 16;
        using var engine = new Engine(new CpuBackend(1));
        using var learner = new CurveLearner(engine);
        var wholeLosses = new LossStep<CurveBatch>(learner, [new CurveBatches().Next(new BatchRequest(3, 0, 0, Rows, 1))]).Backward(null);
        var whole = learner.Gradients;
        foreach (var (_, parameter) in learner.Parameters.Parameters)
        {
            parameter.ClearGradient();
        }

        var batches = new CurveBatches();
        var parts = new List<CurveBatch>();
        for (var first = 0; first < Rows; first += portion)
        {
            parts.Add(batches.Next(new BatchRequest(3, 0, first, Math.Min(portion, Rows - first), 1)));
        }

        var partLosses = new LossStep<CurveBatch>(learner, parts).Backward(null);
        var scale = whole.Max(MathF.Abs);
        Assert.All(whole.Zip(learner.Gradients), pair => Assert.InRange(Math.Abs(pair.First - pair.Second) / scale, 0, 1e-6));
        Assert.All(wholeLosses.Zip(partLosses), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 1e-6));
    }

    [Fact]
    public void The_average_of_weights_is_what_its_formula_says_and_exchanging_twice_changes_no_bit()
    {
        const double Decay = 0.95;
        using var engine = new Engine(new CpuBackend(1));
        using var learner = new CurveLearner(engine);
        using var average = new WeightAverage(learner.Parameters, Decay);
        var expected = learner.Gate.ToArray<float>().Select(weight => (double)weight).ToArray();
        for (var step = 1; step <= 300; step++)
        {
            learner.FillGate(step % 7);
            average.Update(step);
            var decay = Math.Min(Decay, (1.0 + step) / (10.0 + step));
            expected = [.. expected.Select(value => (decay * value) + ((1 - decay) * (step % 7)))];
        }

        Assert.All(expected.Zip(average.Tensors["gate.weight"].ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        var (weights, averages) = (learner.Weights, average.Tensors["gate.weight"].ToArray<float>());
        average.Exchange();
        Assert.Equal(averages, learner.Gate.ToArray<float>());
        average.Exchange();
        Assert.Equal(weights, learner.Weights);
        Assert.Equal(averages, average.Tensors["gate.weight"].ToArray<float>());
    }

    [Fact]
    public void Balanced_losses_pull_alike_however_large_they_are()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var learner = new CurveLearner(engine);
        var step = new LossStep<CurveBatch>(learner, [new CurveBatches().Next(new BatchRequest(0, 0, 0, 32, 1))]);
        var scales = new LossScales(2);
        step.Measure(scales);
        var losses = step.Backward(scales);
        Assert.True(losses[1] > 50 * losses[0], "The second loss is meant to be far larger.");
        Assert.Equal(1, losses[0] / scales[0], 1e-6);
        Assert.Equal(1, losses[1] / scales[1], 1e-6);
    }

    [Fact]
    public void A_running_scale_is_the_root_mean_square_of_what_was_seen_and_goes_on_from_its_state()
    {
        var scales = new LossScales(2);
        for (var i = 0; i < 1000; i++)
        {
            scales.Add([i % 2 == 0 ? 4 : -2, double.NaN]);
        }

        Assert.Equal(Math.Sqrt(10), scales[0], 0.05);
        Assert.Equal(1, scales[1]);
        Assert.False(scales.IsKnown);
        var resumed = new LossScales(2);
        resumed.Restore(scales.State);
        scales.Add([7, 8]);
        resumed.Add([7, 8]);
        Assert.Equal(scales.State, resumed.State);
    }

    [Fact]
    public void Rates_sizes_and_rows_follow_their_schedules()
    {
        var witness = new Witness();
        using var run = new CurveRun(CurveRun.Options, null, witness);
        Assert.True(run.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Equal(40, witness.Steps.Count);
        Assert.All(witness.Steps, step => Assert.Equal(step.Step <= 20 ? 6 : 10, step.Rows));
        Assert.All(witness.Steps, step => Assert.Equal(0.01 * CurveRun.Options.Schedule.At(step.Step - 1), step.Rate));
        Assert.Equal((20 * 6 + 20 * 10) * 64, witness.Steps[^1].Moments);
        Assert.Equal([8, 16, 24, 32, 40], witness.Scores.Select(score => (int)score.Step));
    }

    [Fact]
    public void A_number_that_is_none_is_named_by_its_operation_and_parameter_and_the_weights_stay_as_they_were()
    {
        using var folder = new TemporaryFolder();
        var witness = new Witness();
        var poison = new Poison(6);
        using var run = new CurveRun(CurveRun.Options with { Steps = 10, CheckpointEvery = 2 }, folder["c"], witness, poison);
        poison.Target = run.Learner;
        var error = Assert.Throws<NotFiniteException>(() => run.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Equal(6, error.Step);
        Assert.Contains("'Exp'", error.Origin, StringComparison.Ordinal);
        Assert.Contains("gate.", error.Origin, StringComparison.Ordinal);
        Assert.Equal(error.Message, witness.Failure);
        Assert.Equal([1e6f], run.Learner.Gate.ToArray<float>().Distinct());
        Assert.Equal(6, run.Trainer.Checkpoints!.All[^1].Step);
    }

    [Fact]
    public void A_parameter_that_is_not_finite_is_named()
    {
        using var run = new CurveRun(CurveRun.Options);
        run.Learner.FillGate(double.NaN, rows: 1);
        var error = Assert.Throws<NotFiniteException>(() => run.Trainer.Run(TestContext.Current.CancellationToken));
        Assert.Contains("the parameter 'gate.weight' itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_does_not_clip_takes_gradients_whole_whatever_was_clipped_before()
    {
        using var run = new CurveRun(CurveRun.Options with { Steps = 1, Clip = 0 });
        run.Optimiser.GradientScale.Fill(0.25);
        run.Trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal(1, run.Optimiser.GradientScale.Item());
    }

    [Fact]
    public void A_score_that_is_no_number_ends_nothing_and_is_never_the_best()
    {
        using var folder = new TemporaryFolder();
        using var run = new CurveRun(CurveRun.Options with { Steps = 8 });
        using var trainer = new Trainer<CurveBatch>(run.Learner, new CurveBatches(), run.Optimiser, CurveRun.Options with { Steps = 8 })
        {
            Checkpoints = new Checkpoints(folder["c"]),
            Evaluate = () => [new("score", double.NaN)],
        };
        Assert.True(trainer.Run(TestContext.Current.CancellationToken));
        Assert.Null(trainer.BestScore);
        Assert.Null(trainer.Checkpoints!.All[^1].ReadState().Score);
    }

    [Fact]
    public void An_evaluation_that_fails_leaves_the_weights_in_their_place_and_its_reason_is_not_hidden()
    {
        using var run = new CurveRun(CurveRun.Options);
        var witness = new Witness();
        float[] averaged = [];
        using var trainer = new Trainer<CurveBatch>(run.Learner, new CurveBatches(), run.Optimiser, CurveRun.Options)
        {
            Evaluate = () =>
            {
                averaged = run.Learner.Weights;
                throw new IOException("the held-out data is gone");
            },
            Observers = [new FullDisk(), witness],
        };
        Assert.Equal("the held-out data is gone", Assert.Throws<IOException>(() => trainer.Run(TestContext.Current.CancellationToken)).Message);
        Assert.Equal("the held-out data is gone", witness.Failure);
        Assert.NotEqual(averaged, run.Learner.Weights);
        trainer.Average!.Exchange();
        Assert.Equal(averaged, run.Learner.Weights);
    }

    [Fact]
    public void A_run_that_was_not_resumed_does_not_write_beside_later_checkpoints()
    {
        using var folder = new TemporaryFolder();
        new Checkpoints(folder["c"]).Save(new CheckpointState { Step = 3, Batches = "" }, []);
        using var run = new CurveRun(CurveRun.Options, folder["c"]);
        Assert.Contains("step-000000003", Assert.Throws<InvalidOperationException>(() => run.Trainer.Run(TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Equal(0, run.Trainer.Step);
    }

    // Can't even say that a run has ended.
    private sealed class FullDisk : TrainingObserver
    {
        public override void Ended(long step, string? failure) => throw new IOException("the disk is full");
    }

    // Makes a weight so large, after some step, that an exponential overflows.
    private sealed class Poison(long after) : TrainingObserver
    {
        public CurveLearner? Target { get; set; }

        public override void Stepped(TrainingStep step)
        {
            if (step.Step == after)
            {
                Target!.FillGate(1e6);
            }
        }
    }
}
