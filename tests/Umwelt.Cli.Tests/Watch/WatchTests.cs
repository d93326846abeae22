// Watching: alarms are as seldom false as promised, lines are moments or an error that names them, and what is printed is what a dream says.
using Umwelt.Cli.Commands;
using Umwelt.Cli.Watch;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Cli.Tests.Watch;

public sealed class WatchTests
{
    private static readonly Schema Pump = new(
        1, new VectorChannel("heat", 2), new VectorChannel("flow", 1), new CategoryChannel("valve", 2) { Labels = ["shut", "open"] }, new TextChannel("note"));

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.2)]
    public void False_alarms_are_as_rare_as_promised_whatever_surprises_are_like(double rate)
    {
        // Heavy tails, all of one side: no mean and deviation would do.
        var random = RandomStream.Of(3);
        var (alarms, moments) = (0L, 0L);
        for (var run = 0; run < 200; run++)
        {
            var line = AlarmLine.Of([.. Enumerable.Range(0, 150).Select(_ => Draw())], rate);
            for (var i = 0; i < 100; i++, moments++)
            {
                alarms += Draw() > line.Height ? 1 : 0;
            }
        }

        Assert.InRange(alarms / (double)moments, 0.5 * rate, 1.15 * rate);

        double Draw() => Math.Pow(1 - random.NextDouble(), -1.5);
    }

    [Fact]
    public void A_line_by_mean_and_deviation_holds_for_the_worst_that_can_be()
    {
        // Of all that have mean 0 and deviation 1, two values reach Cantelli's bound: just beyond the line it is the rate.
        const double Rate = 0.04;
        var height = AlarmLine.Of(1, Rate).Height;
        var (above, below) = (height, -1 / height);
        Assert.Equal(0, (Rate * above) + ((1 - Rate) * below), 9);
        Assert.Equal(1, (Rate * above * above) + ((1 - Rate) * below * below), 9);
        Assert.Equal(AlarmLine.Of(1, Rate / 3).Height, AlarmLine.Of(3, Rate).Height, 9);
    }

    [Fact]
    public void A_rate_that_so_few_moments_can_not_tell_is_refused()
    {
        Assert.Contains("99 or more", Assert.Throws<ArgumentException>(static () => AlarmLine.Of(new double[98], 0.01)).Message, StringComparison.Ordinal);
        Assert.Equal(0, AlarmLine.Of(new double[99], 0.01).Height);
    }

    [Fact]
    public void A_line_is_a_moment_and_an_episode_goes_on_until_another_begins()
    {
        var lines = new MomentLines(Pump, "stream");
        var moments = new MomentBatch(Pump, 1);
        Assert.True(lines.Read("""{"episode":0,"time":0.5,"heat":[1,-2.5],"flow":3,"valve":"open","note":"höre","ending":""}""", moments));
        Assert.Equal([1f, -2.5f], moments[0].Vector("heat").ToArray());
        Assert.Equal((3f, 1, "höre"), (moments[0].Vector("flow")[0], moments[0].Category("valve"), moments[0].Text("note")));
        Assert.Equal((true, 0.5), (lines.IsNew, lines.Time!.Value));
        Assert.False(lines.Read("  ", moments));
        Assert.True(lines.Read("""{"episode":0,"heat":null,"valve":0,"ending":"truncation"}""", moments));
        Assert.Equal((false, false, true, false), (lines.IsNew, moments[0].Has("heat"), moments[0].Has("valve"), moments[0].Has("note")));
        lines.Read("""{"episode":0,"flow":1}""", moments);
        Assert.True(lines.IsNew);
        lines.Read("""{"episode":1,"flow":1}""", moments);
        Assert.True(lines.IsNew);
        lines.Read("""{"episode":1,"flow":1}""", moments);
        Assert.False(lines.IsNew);
    }

    [Theory]
    [InlineData("[1]", "a moment is an object")]
    [InlineData("{", "it is no JSON")]
    [InlineData("""{"flow":1,"flow":2}""", "it is no JSON")]
    [InlineData("""{"flwo":1}""", "no channel 'flwo'; did you mean 'flow'?")]
    [InlineData("""{"heat":[1]}""", "'heat' is 2 numbers")]
    [InlineData("""{"heat":[1,"x"]}""", "'heat' holds what is no number")]
    [InlineData("""{"flow":1e99}""", "'flow' holds what is no number")]
    [InlineData("""{"valve":"ajar"}""", "'valve' is one of 2, from 0, or shut, open")]
    [InlineData("""{"note":3}""", "'note' is Text")]
    public void What_is_no_moment_is_an_error_that_names_its_line(string line, string said)
    {
        var lines = new MomentLines(Pump, "stream");
        var moments = new MomentBatch(Pump, 1);
        lines.Read("""{"flow":1}""", moments);
        var error = Assert.Throws<CommandFailedException>(() => lines.Read(line, moments));
        Assert.StartsWith("stream, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_printed_is_the_surprise_of_a_dream_that_knows_the_lines_before()
    {
        using var engine = new Engine(new CpuBackend(1));
        var options = new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "space, mlstm(on: registers)", Decoder = "space", VectorHidden = 16 };
        var schema = new Schema(1, new VectorChannel("heat", 2), new CategoryChannel("valve", 2));
        using var model = new WorldModel(engine, schema, options, seed: 4) { Surprises = [new SurpriseScale(0, 1), null] };
        string[] input = [.. Enumerable.Range(0, 5).Select(static i => FormattableString.Invariant($$"""{"heat":[{{i}},{{-i}}],"valve":{{i % 2}}}"""))];
        using var dream = model.Dream();
        var (moments, scores) = (new MomentBatch(schema, 1), new double[2]);
        var lines = new MomentLines(schema, "stream");
        var wanted = new List<string> { "1: –", "2: –" };
        for (var i = 0; i < input.Length; i++)
        {
            lines.Read(input[i], moments);
            if (i >= 2)
            {
                dream.Surprise(moments, scores, isStandardised: true);
                wanted.Add(FormattableString.Invariant($"{i + 1}: {scores[0]:0.00} heat{(scores[0] > 0.9 ? "  ALARM" : "")}"));
            }

            if (i == 0)
            {
                dream.Forget(0);
            }

            dream.Prime(moments, 1);
        }

        using var watcher = new Watcher(model, 2);
        using var output = new StringWriter();
        WatchCommand.Run(new StringReader(string.Join('\n', input)), output, schema, watcher, new AlarmLine(0.9, "no case"), isQuiet: false, isJson: false, TestContext.Current.CancellationToken);
        var printed = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(wanted, printed[1..^1]);
        Assert.Equal($"3 moments judged, {Counted(wanted.Count(static line => line.EndsWith("ALARM", StringComparison.Ordinal)))}.", printed[^1]);

        static string Counted(int alarms) => alarms == 1 ? "1 alarm" : $"{alarms} alarms";
    }

    [Fact]
    public void A_forecast_is_ordered_quantiles_of_dreams_a_row_a_moment()
    {
        using var engine = new Engine(new CpuBackend(1));
        var options = new WorldModelOptions { Width = 16, Heads = 2, Registers = 2, Backbone = "space, mlstm(on: registers)", Decoder = "space", VectorHidden = 16 };
        var schema = new Schema(4, new VectorChannel("heat", 2) { Names = ["in", "out"] }, new VectorChannel("flow", 1));
        using var model = new WorldModel(engine, schema, options, seed: 4);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "data");
            using (var writer = RecordingWriter.Create(path, schema, new Provenance { Origin = "waves" }))
            {
                var moments = new MomentBatch(schema, 1);
                writer.BeginEpisode(1);
                for (var t = 0; t < 12; t++)
                {
                    moments.Clear();
                    moments.Vector(0, 0)[0] = t;
                    moments.SetPresent(0, 0);
                    moments.SetPresent(1, 0);
                    moments.Endings[0] = t == 11 ? Ending.Truncation : Ending.None;
                    writer.Write(moments, 0);
                }
            }

            using var recording = Recording.Open(path);
            var table = ForecastCommand.Of(model, recording, recording.Episodes[0], 3, 8, 9, 1, TestContext.Current.CancellationToken);
            var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("step,time,heat[in].q10,heat[in].q50,heat[in].q90,heat[out].q10,heat[out].q50,heat[out].q90,flow.q10,flow.q50,flow.q90", lines[0]);
            Assert.Equal(["1", "2", "3"], lines[1..].Select(static line => line.Split(',')[0]));
            var differ = false;
            foreach (var line in lines[1..])
            {
                var numbers = line.Split(',').Select(static cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
                Assert.Equal(numbers[0] / 4, numbers[1]);
                for (var i = 2; i < numbers.Length; i += 3)
                {
                    Assert.True(numbers[i] <= numbers[i + 1] && numbers[i + 1] <= numbers[i + 2]);
                    differ |= numbers[i] < numbers[i + 2];
                }
            }

            Assert.True(differ);
            Assert.Equal(table, ForecastCommand.Of(model, recording, recording.Episodes[0], 3, 8, 9, 1, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
