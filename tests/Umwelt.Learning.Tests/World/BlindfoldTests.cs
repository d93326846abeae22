// What a model is not shown while it learns: from some moment of a stretch on channels are missing until the stretch ends, whatever the
// steps in which it is learnt.
using Umwelt.Learning.Internal.World;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Learning.Tests.World;

public sealed class BlindfoldTests : IDisposable
{
    private const int Lanes = 6;
    private const int Length = 7;
    private const int Stretch = 10;
    private const int Steps = 40;
    private readonly TemporaryFolder _folder = new();
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly Recording _recording;
    private readonly WorldModel _model;

    public BlindfoldTests()
    {
        SmallRecording.Of("balls:1?size=16&motor=true&length=3000", 3000, _folder["data"]);
        _recording = Recording.Open(_folder["data"]);
        _model = new WorldModel(_engine, _recording.Schema, new WorldModelOptions { Width = 16, Heads = 1, PictureSlots = 1, PictureFeatures = [16] });
    }

    public void Dispose()
    {
        _model.Dispose();
        _recording.Dispose();
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_missing_stays_missing_until_its_stretch_ends_and_is_there_before()
    {
        var missing = Missing(new WorldObjective { Blindfolds = 1, BlindfoldEvery = Stretch, Absent = 0, Clean = 1 });
        var (changes, whole) = (0, 0);
        foreach (var lane in missing)
        {
            for (var t = 1; t < lane.Count; t++)
            {
                if (t % Stretch != 0 && !lane[t].SequenceEqual(lane[t - 1]))
                {
                    Assert.DoesNotContain(true, lane[t - 1]);
                    changes++;
                }

                whole += lane[t].Contains(true) ? 0 : 1;
            }
        }

        Assert.True(changes > 50);
        Assert.InRange(whole / (double)(Lanes * Steps * Length), 0.3, 0.6);
    }

    [Fact]
    public void Commands_stay_wherever_they_are_all_that_is_left()
    {
        var motors = _recording.Schema.Motors.ToArray();
        var senses = Enumerable.Range(0, _recording.Schema.Channels.Length).Except(motors).ToArray();
        var missing = Missing(new WorldObjective { Blindfolds = 1, BlindfoldEvery = Stretch, Absent = 0, Clean = 1 }).SelectMany(lane => lane).ToArray();
        Assert.Contains(missing, moment => senses.All(c => moment[c]) && motors.All(c => !moment[c]));
        Assert.Contains(missing, moment => motors.All(c => moment[c]) && senses.Any(c => !moment[c]));
        Assert.DoesNotContain(missing, moment => moment.All(isMissing => isMissing));
    }

    [Fact]
    public void Without_blindfolds_nothing_is_missing() =>
        Assert.All(Missing(new WorldObjective { Absent = 0, Clean = 1 }).SelectMany(lane => lane), moment => Assert.DoesNotContain(true, moment));

    // [lane][moment of its life][channel]; the first moment of an episode has no command, and is taken to have what the one before it had.
    private List<bool[]>[] Missing(WorldObjective objective)
    {
        var questions = new WorldQuestions(_recording.Schema, objective);
        var lanes = new LaneBatches(new DataMix(_recording), new LaneOptions { Length = Length, BatchSize = Lanes, Seed = 1 });
        var sequence = lanes.CreateBatch();
        List<bool[]>[] missing = [.. Enumerable.Range(0, Lanes).Select(_ => new List<bool[]>())];
        for (var step = 0; step < Steps; step++)
        {
            lanes.Next(sequence);
            for (var first = 0; first < Lanes; first += 3)
            {
                var batch = new WorldBatch(sequence, step, first, 3);
                var plan = new WorldPlan(_model, questions, objective, 5, batch);
                for (var i = 0; i < 3 * Length; i++)
                {
                    var lane = missing[first + (i / Length)];
                    lane.Add([.. Enumerable.Range(0, questions.Schema.Channels.Length).Select(c => batch.IsPresent(c, i) ? plan.PastLevels[c][i] >= 1 : lane.Count > 0 && lane[^1][c])]);
                }
            }
        }

        return missing;
    }
}
