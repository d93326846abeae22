// A run from a configuration: it leaves what it says, and goes on as if it had never stopped, with carried state and all.
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Learning.Tests.Text;

public sealed class TextTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Engine _engine = new(new CpuBackend(1));

    public TextTrainingTests() => File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 400).Select(i => $"{i % 17} foxes and {i % 5} hens. ")));

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false, TextObjective.Next)]
    [InlineData(true, TextObjective.Next)]
    [InlineData(false, TextObjective.Masked)]
    public void A_run_that_was_stopped_and_resumed_leaves_the_model_of_the_run_never_stopped(bool areLanes, TextObjective objective)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var run = Configuration(areLanes, objective);
        var whole = Train(run with { Out = _folder["whole"] }, false, -1, cancellation);
        var first = Train(run with { Out = _folder["broken"] }, false, 7, cancellation);
        var second = Train(run with { Out = _folder["broken"] }, true, -1, cancellation);
        foreach (var file in Directory.GetFiles(_folder["whole/model"]))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["broken/model"], Path.GetFileName(file))));
        }

        Assert.Equal(whole.Steps.Select(step => step.Loss), first.Steps.Concat(second.Steps).Select(step => step.Loss));
        Assert.Equal(whole.Samples, first.Samples.Concat(second.Samples));
        Assert.Equal(objective == TextObjective.Next, whole.Samples.Count > 0);
        Assert.Equal(Lines("whole"), Lines("broken"));
    }

    [Fact]
    public void Lanes_keep_their_state_when_the_batch_grows_however_it_is_cut()
    {
        var run = Configuration(true, TextObjective.Next);
        run = run with { Training = run.Training with { BatchSize = new StagedSchedule([new Stage(0, 4), new Stage(0.5, 8)]) }, Data = run.Data with { Restarts = 0 } };
        double[] Losses(int portion, string name) =>
        [
            .. Train(run with { Out = _folder[name], Training = run.Training with { Portion = portion } }, false, -1, TestContext.Current.CancellationToken).Steps.Select(step => step.Loss),
        ];

        // One row a part is a part of its own in every step, and so carries its state whatever else changes.
        var rows = Losses(1, "rows");
        foreach (var portion in new[] { 0, 3 })
        {
            Assert.All(rows.Zip(Losses(portion, $"portion-{portion}")), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Fact]
    public void A_run_leaves_a_model_that_speaks_a_log_events_and_a_report()
    {
        var run = Configuration(false, TextObjective.Next) with { Out = _folder["run"] };
        Train(run, false, -1, TestContext.Current.CancellationToken);
        using var model = TextModel.Load(_engine, _folder["run/model"]);
        Assert.Equal(20, new TextGenerator(model, new SamplingOptions { Tokens = 20 }).Continue("3 fo", cancellation: TestContext.Current.CancellationToken).Length);
        Assert.Single(Directory.GetFiles(_folder["run/events"]));
        var page = File.ReadAllText(_folder["run/report.html"]);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        Assert.Contains("training.rate", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(run, TextRun.Read(_folder["run/config.json"], []) with { Data = run.Data, Sample = run.Sample });
    }

    [Fact]
    public void When_a_checkpoint_stands_the_log_of_its_steps_does_too()
    {
        using var log = new TrainingLog(_folder["run"]);
        using var run = new Training.CurveRun(Training.CurveRun.Options with { EvaluateEvery = 0 }, _folder["run/checkpoints"], log);
        var counts = new List<int>();
        run.Trainer.Checkpoints!.Writing = file =>
        {
            if (file.Length == 0)
            {
                counts.Add(TrainingLog.Read(_folder["run"]).Count(line => line.TryGetProperty("loss", out _)));
            }
        };
        run.Trainer.Run(TestContext.Current.CancellationToken);
        Assert.Equal([5, 10, 15, 20, 25, 30, 35, 40], counts);
    }

    [Fact]
    public void A_folder_with_a_run_is_not_begun_again()
    {
        var run = Configuration(false, TextObjective.Next) with { Out = _folder["run"] };
        Train(run, false, 2, TestContext.Current.CancellationToken);
        Assert.Contains("holds a run already", Assert.Throws<ArgumentException>(() => new TextTraining(_engine, run)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "training": { "setps": 1 } }""", "did you mean 'training.steps'")]
    [InlineData("""{ "training": { "batchSize": { "0.5": 3 } } }""", "training.batchSize")]
    [InlineData("""{ "training": { "batchSize": "many" } }""", "a schedule is a number")]
    [InlineData("""{ "tokens": { "kind": "Words" } }""", "tokens.kind")]
    public void What_a_configuration_can_not_say_is_named(string json, string problem)
    {
        File.WriteAllText(_folder["run.json"], json);
        Assert.Contains(problem, Assert.Throws<InvalidFileException>(() => TextRun.Read(_folder["run.json"], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_configuration_does_not_say_is_as_it_is_without_one()
    {
        File.WriteAllText(_folder["run.json"], """{ "training": { "steps": 7 }, "model": { "stack": { "width": 64 } } }""");
        var run = TextRun.Read(_folder["run.json"], ["sample.sampling.topK=3"]);
        Assert.Equal(new TrainerOptions { Steps = 7 }, run.Training);
        Assert.Equal(new StackOptions { Width = 64 }, run.Model.Stack);
        Assert.Equal(new OptimiserOptions(), run.Optimiser);
        Assert.Equal((3, 160, 0.8), (run.Sample.Sampling.TopK, run.Sample.Sampling.Tokens, run.Sample.Sampling.Temperature));
        Assert.Equal(new TextData().HeldOut, run.Data.HeldOut);
    }

    [Fact]
    public void Schedules_read_back_as_they_were_written()
    {
        var run = new TextRun
        {
            Training = new TrainerOptions
            {
                BatchSize = new StagedSchedule([new Stage(0, 8), new Stage(0.25, 16)]),
                Length = new StagedSchedule([new Stage(0, 8), new Stage(1, 64)], isGradual: true),
            },
        };
        run.Write(_folder["run.json"]);
        Assert.Equal(run.Training, TextRun.Read(_folder["run.json"], []).Training);
        Assert.Equal(12, TextRun.Read(_folder["run.json"], ["training.batchSize=12"]).Training.BatchSize.At(0.5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600)]
    public void Text_that_is_too_short_or_missing_is_said(int characters)
    {
        File.WriteAllText(_folder["text.txt"], new string('x', characters));
        var run = Configuration(false, TextObjective.Next) with { Out = _folder["run"] };
        run = run with { Training = run.Training with { Length = StagedSchedule.Constant(1000) } };
        Assert.ThrowsAny<Exception>(() => new TextTraining(_engine, run));
        Assert.Contains("data.path", Assert.Throws<ArgumentException>(() => new TextTraining(_engine, run with { Data = new TextData() })).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<InvalidFileException>(() => new TextTraining(_engine, run with { Data = new TextData { Path = _folder["none"] } })).Message, StringComparison.Ordinal);
    }

    private TextRun Configuration(bool areLanes, TextObjective objective) => new()
    {
        Data = new TextData { Path = _folder["text.txt"], AreLanes = areLanes, Restarts = 0.1 },
        Model = new TextModelOptions
        {
            Objective = objective,
            IsOneMoment = objective == TextObjective.Masked,
            Stack = new StackOptions { Layers = objective == TextObjective.Masked ? "space" : "mamba, attention(window: 8)", Width = 16, Heads = 2, Context = 32 },
        },
        Training = new TrainerOptions
        {
            Steps = 16,
            WarmUp = 2,
            BatchSize = StagedSchedule.Constant(5),
            Length = StagedSchedule.Constant(12),
            Portion = 2,
            Average = 0.9,
            EvaluateEvery = 4,
            CheckpointEvery = 3,
        },
        Sample = new SampleOptions { Prompt = "3 ", Sampling = new SamplingOptions { Tokens = 8 } },
    };

    private Training.Witness Train(TextRun run, bool resumes, long stopAt, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var witness = new Training.Witness(stop, stopAt);
        using var log = new TrainingLog(run.Out);
        using var events = new TrainingEvents(Path.Combine(run.Out, "events"));
        using var training = new TextTraining(_engine, run, resumes, witness, log, events, new TrainingReport(run.Out, "a run"));
        Assert.Equal(stopAt < 0, training.Run(stop.Token).IsDone);
        return witness;
    }

    // Every line but notes, without its time.
    private IEnumerable<string> Lines(string name) =>
        File.ReadLines(_folder[$"{name}/log.jsonl"]).Where(line => !line.Contains("\"note\"", StringComparison.Ordinal)).Select(line => line.Split(",\"seconds\"")[0]);
}
