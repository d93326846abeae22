// Forecasts beside what follows from the past alone: copying is the last value, a season is found and repeated, a linear rule follows a wave, and
// whoever knows the truth leaves no error.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Learning.Tests.Measures;

public sealed class ForecastTests : IDisposable
{
    private const int Season = 12;
    private const int Length = 90;
    private static readonly MeasureOptions Options = new() { Rollouts = 12, Prime = 30, Horizon = 20, Rows = 4 };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Copying_is_the_last_value_and_a_wave_is_foreseen_by_season_and_rule()
    {
        using var recording = Wave(noise: 0);
        var findings = Measure(new CopyDreamer(recording.Schema), recording);
        foreach (var horizon in new[] { 1, 2, 5, 10, 20 })
        {
            Assert.Equal(findings[$"forecast_joint_last_{horizon}"], findings[$"forecast_joint_{horizon}"], 9);
            Assert.InRange(findings[$"forecast_joint_seasonal_{horizon}"], 0, 1e-4);
            Assert.InRange(findings[$"forecast_joint_linear_{horizon}"], 0, 0.05);
            Assert.False(findings[$"forecast_joint_gain_{horizon}"] > -10); // No number at all where the season leaves nothing.
        }

        Assert.True(findings["forecast_joint_velocity_1"] < findings["forecast_joint_last_1"] / 1.5);
        Assert.True(findings["forecast_joint_last_5"] > 1);
        Assert.True(double.IsNaN(findings["forecast_joint_50"]));
    }

    [Fact]
    public void Whoever_knows_the_truth_leaves_no_error_and_noise_leaves_some_to_everybody_else()
    {
        using var recording = Wave(noise: 0.3);
        var findings = Measure(new Oracle(recording.Schema), recording);
        Assert.Equal((0, 1, 1), (findings["forecast_joint_10"], findings["forecast_joint_gain_10"], findings["forecast_joint_within_10"]));
        foreach (var baseline in SeriesBaselines.Names)
        {
            Assert.True(findings[$"forecast_joint_{baseline}_10"] > 0.2);
        }

        // A rule that was fitted is no worse than the mean, which is a deviation off.
        Assert.True(findings["forecast_joint_linear_10"] < 1);
    }

    [Fact]
    public void Numbers_that_never_change_do_not_count_and_a_world_without_numbers_is_left_out()
    {
        var schema = new Schema(10, new VectorChannel("still", 1), new CategoryChannel("gear", 3));
        using var recording = Record(schema, (moments, _, _) => moments.Vector(0, 0)[0] = 4);
        Assert.True(double.IsNaN(Measure(new CopyDreamer(schema), recording)["forecast_still_1"]));
        var none = new Schema(10, new CategoryChannel("gear", 3));
        using var other = Record(none, static (_, _, _) => { }, "none");
        Assert.Contains("forecast: there are no numbers", Assert.Single(Measure(new CopyDreamer(none), other).LeftOut), StringComparison.Ordinal);
    }

    private static Findings Measure(Dreamer dreamer, Recording recording)
    {
        var findings = new Findings();
        Forecast.Run(new Examination(dreamer, recording, [.. recording.Episodes.Take(3)], [.. recording.Episodes.Skip(3)], Options), findings);
        return findings;
    }

    private Recording Wave(double noise)
    {
        var schema = new Schema(10, new VectorChannel("joint", 2), new VectorChannel("push", 1, ChannelRole.Motor));
        return Record(schema, (moments, episode, t) =>
        {
            var random = RandomStream.Of(7, episode, t);
            moments.Vector(0, 0)[0] = (float)(50 + (3 * Math.Sin(2 * Math.PI * (t + episode) / Season)) + (3 * noise * random.NextNormal()));
            moments.Vector(0, 0)[1] = (float)((0.01 * Math.Cos(2 * Math.PI * (t + episode) / Season)) + (0.01 * noise * random.NextNormal()));
            if (t > 0)
            {
                moments.SetPresent(1, 0);
            }
        });
    }

    private Recording Record(Schema schema, Action<MomentBatch, int, int> write, string name = "data")
    {
        var folder = Path.Combine(_folder.Path, name);
        using (var writer = RecordingWriter.Create(folder, schema, new Provenance { Origin = "waves" }))
        {
            var moments = new MomentBatch(schema, 1);
            for (var episode = 0; episode < 8; episode++)
            {
                writer.BeginEpisode(episode);
                for (var t = 0; t < Length; t++)
                {
                    moments.Clear();
                    moments.SetPresent(0, 0);
                    write(moments, episode, t);
                    moments.Endings[0] = t == Length - 1 ? Ending.Truncation : Ending.None;
                    writer.Write(moments, 0);
                }
            }
        }

        return Recording.Open(folder);
    }

    /// <summary>Dreams what really follows.</summary>
    private sealed class Oracle(Schema schema) : Dreamer
    {
        public override string Name => "the truth";

        public override Schema Schema => schema;

        public override DreamRows Begin(Excerpts real, int prime, long seed, bool[]? visible = null) => new Rows(real, prime);

        private sealed class Rows(Excerpts real, int prime) : DreamRows
        {
            private int _next = prime;

            public override void Step(MomentBatch commands, MomentBatch moments) => real.Copy(_next++, moments);

            public override void Act(MomentBatch commands, long draw = 0) => throw new InvalidOperationException();

            public override void TakeIn(MomentBatch moments) => throw new InvalidOperationException();

            public override void Ask(MomentBatch given, MomentBatch answer) => throw new InvalidOperationException();

            public override void Surprise(MomentBatch next, Span<double> scores) => throw new InvalidOperationException();
        }
    }
}
