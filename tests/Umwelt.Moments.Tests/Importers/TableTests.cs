// What tables become: which guesses are made, how they are overruled, what a gap, a jump and a missing number do, and the
// laws of sampling rows at another rate.
using System.Globalization;
using Umwelt.Moments.Importers;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Importers;

public sealed class TableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_and_contents_say_what_columns_are()
    {
        var imported = Imported.Table(
            _folder,
            """"
            timestamp,episode,action.x,action.y,pose[0],pose[1],Speed [m/s],temp,gear,note,step
            0.0,a,0.1,0.2,1,2,3,4,low,"x, ""y""",0
            0.1,a,0.3,0.4,5,6,7,8,high,plain,1
            0.2,a,0.3,0.4,5,6,7,8,low,,2
            0.3,a,0.3,0.4,5,6,7,8,high,"",3
            0.0,b,0.5,0.6,9,10,11,12,low,ü,0
            """");
        var schema = imported.Schema;
        Assert.Equal(10, schema.Rate);
        Assert.Equal(["action", "pose", "gear", "note", "values"], schema.Channels.Select(channel => channel.Name));
        Assert.Equal(ChannelRole.Motor, schema["action"].Role);
        Assert.Equal(["x", "y"], ((VectorChannel)schema["action"]).Names);
        Assert.Equal(["Speed [m/s]", "temp"], ((VectorChannel)schema["values"]).Names);
        Assert.Equal(["high", "low"], ((CategoryChannel)schema["gear"]).Labels);
        Assert.Equal([1, 0, 1, 0, 1], imported.Category("gear"));
        Assert.Equal(["x, \"y\"", "plain", null, "", "ü"], imported.Text("note"));
        Assert.Equal([4, 1], imported.Episodes.Select(episode => (int)episode.Length));
        Assert.Contains(imported.Plan.Dropped, dropped => dropped.StartsWith("step", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a;b\n1;2\n", ';')]
    [InlineData("a\tb\n1\t2\n", '\t')]
    [InlineData("a|b\n1|2\n", '|')]
    [InlineData("a,b\r\n1,2\r\n", ',')]
    [InlineData("\ufeffa,b\n1,2", ',')]
    public void Separators_line_ends_and_marks_are_found(string table, char separator)
    {
        Assert.NotEqual('"', separator);
        var imported = Imported.Table(_folder, table);
        Assert.Equal([1, 2], imported.Moments[0].Vector("values").ToArray());
    }

    [Fact]
    public void A_first_line_of_numbers_is_a_row()
    {
        var imported = Imported.Table(_folder, "1,2\n3,4\n");
        Assert.Equal(2, imported.Moments.Count);
        Assert.Equal(["column1", "column2"], ((VectorChannel)imported.Schema["values"]).Names);
    }

    [Fact]
    public void Options_overrule_every_guess()
    {
        var imported = Imported.Table(
            _folder,
            "clock,a,b,c,d\n10,1,2,x,0\n20,3,4,y,1\n",
            new ImportOptions
            {
                Time = "clock",
                Rate = 0.1,
                Drop = ["d"],
                Map = [ImportMapping.Parse("a=left::motor"), ImportMapping.Parse("b=left::motor"), ImportMapping.Parse("c=words:text")],
                Commands = CommandOrder.Before,
            });
        Assert.Equal(["left", "words"], imported.Schema.Channels.Select(channel => channel.Name));
        Assert.Equal([3, 4], imported.Moments[1].Vector("left").ToArray());
        Assert.Equal(["x", "y"], imported.Text("words"));
        Assert.Equal(0.1, imported.Schema.Rate);
    }

    [Fact]
    public void A_mapping_file_holds_the_same_options()
    {
        var options = new ImportOptions { Rate = 5, Drop = ["x"], Map = [ImportMapping.Parse("a=b:vector:reward")], Commands = CommandOrder.After, Channels = [new VectorChannel("b", 1, ChannelRole.Reward)] };
        options.Write(_folder["map.json"]);
        Assert.Equal(options.ToJson(), ImportOptions.Read(_folder["map.json"]).ToJson());
        File.WriteAllText(_folder["map.json"], """{"rat":5}""");
        Assert.Contains("rat", Assert.Throws<InvalidFileException>(() => ImportOptions.Read(_folder["map.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_missing_makes_its_channel_absent()
    {
        var imported = Imported.Table(_folder, "p[0],p[1],q\n1,2,3\n4,,5\n6,NaN,\n7,8,inf\n");
        Assert.Equal([1, float.NaN, float.NaN, 7], imported.Vector("p"));
        Assert.Equal([3, 5, float.NaN, float.NaN], imported.Vector("q"));
        Assert.Contains(imported.Plan.Warnings, warning => warning.Contains("'p[1]' lacks 2 of 4 values, 1 of them NaN or infinite, first on line 3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("a,b\n", "it holds no row")]
    [InlineData("a,b\n1,2\n3\n", "line 3: it has 1 cell, the header has 2")]
    [InlineData("a,b\n1,2,3\n", "line 2: it has 3 cells, the header has 2")]
    [InlineData("a,a\n1,2\n", "line 1: two columns are named 'a'")]
    [InlineData("a;b\n1;3,14\n2;2,72\n", "on line 2: column 'b' writes numbers with a decimal comma ('3,14'); write a point")]
    [InlineData("a,b\n1,\"x\n", "line 2: a quote opens and never closes")]
    [InlineData("a,b\n1,\"x\"y\n", "line 2: something follows a closing quote")]
    [InlineData("time;b\n0,5;1\n", "line 2: column 'time' writes numbers with a decimal comma ('0,5'); write a point")]
    [InlineData("a,b\r1,2\r3,4\r", "line 1: its lines end in CR alone")]
    [InlineData("time,b\nyesterday,1\n", "line 2: the time 'yesterday' in 'time' is neither a number nor ISO 8601")]
    [InlineData("time,b\n1,1\n2,1\nx,1\n", "line 4: the time 'x' is neither a number nor ISO 8601")]
    [InlineData("time,b\n1,1\n,1\n", "line 3: there is no time")]
    [InlineData("time\n1\n", "no column is left to import")]
    public void A_broken_table_is_refused_in_one_line_that_says_where(string table, string problem)
    {
        var path = _folder["a.csv"];
        File.WriteAllText(path, table);
        var error = Assert.Throws<InvalidFileException>(() => Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken));
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("[1]\n", "line 1: it is not a JSON object")]
    [InlineData("{\"a\":1}\n{\"a\":\n", "line 2: its JSON is broken")]
    [InlineData("{\"a\":1} {}\n", "line 1: its JSON is broken")]
    [InlineData("{\"a\":1}\n{\"a\":[1, NaN]}\n", "line 2: it says NaN or Infinity, which JSON has no word for; write null")]
    [InlineData("{\"a\":-Infinity}\n", "line 1: it says NaN or Infinity")]
    [InlineData("{\"a\":1,\"a\":2}\n", "line 1: it holds 'a' twice")]
    [InlineData("", "it holds no row")]
    public void Broken_JSON_lines_are_refused_so_too(string table, string problem)
    {
        var path = _folder["a.jsonl"];
        File.WriteAllText(path, table);
        var error = Assert.Throws<InvalidFileException>(() => Importer.Open("jsonl", path, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing=x", "no column 'missing'")]
    [InlineData("a=x:category", "column 'a' holds numbers from 0.5 to 1.5, but a category is a whole number")]
    [InlineData("b=x:vector", "line 2: 'b' holds 'one', which is no number")]
    [InlineData("a=x:image", "can't become a channel of Image")]
    public void A_mapping_that_can_not_be_is_refused_by_name(string mapping, string problem)
    {
        var path = _folder["a.csv"];
        File.WriteAllText(path, "a,b\n0.5,one\n1.5,two\n");
        var error = Assert.Throws<InvalidFileException>(
            () => Importer.Open("csv", path, new ImportOptions { Map = [ImportMapping.Parse(mapping)] }, TestContext.Current.CancellationToken));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_and_objects_become_vectors()
    {
        var imported = Imported.Table(
            _folder,
            """
            {"t":0,"q":[1,2,3],"pose":{"x":4,"y":5},"say":"","on":true}
            {"t":0.5,"q":[6,7,8],"pose":{"y":10,"x":9},"say":"hi","on":false}
            {"t":1,"q":null,"on":true,"late":1}
            """,
            format: "jsonl");
        Assert.Equal(2, imported.Schema.Rate);
        Assert.Equal([6, 7, 8], imported.Moments[1].Vector("q").ToArray());
        Assert.Equal([9, 10], imported.Moments[1].Vector("pose").ToArray());
        Assert.False(imported.Moments[2].Has("q"));
        Assert.Equal(["", "hi", null], imported.Text("say"));
        Assert.Equal([float.NaN, float.NaN, 1], imported.Vector("late"));
    }

    [Fact]
    public void Files_of_JSON_lines_may_order_their_members_differently()
    {
        Directory.CreateDirectory(_folder["set"]);
        File.WriteAllText(Path.Combine(_folder["set"], "2.jsonl"), "{\"a\":1,\"b\":2}\n");
        File.WriteAllText(Path.Combine(_folder["set"], "10.jsonl"), "{\"b\":4,\"a\":3}\n");
        var imported = Imported.From("jsonl", _folder["set"]);
        Assert.Equal([1, 3], imported.Vector("values"));
        Assert.Equal(2, imported.Episodes.Length);
    }

    [Theory]
    [InlineData("time,x\n0,1\n1,2\n2,3\n50,4\n51,5\n", 2, "jumps by 48 s")]
    [InlineData("time,x\n0,1\n1,2\n2,3\n0,4\n1,5\n", 2, "goes back by 2 s")]
    [InlineData("time,x\n0,1\n1,2\n2,3\n2,4\n3,5\n", 1, "stands still")]
    [InlineData("time,x\n0,1\n1,2\n2,3\n5,4\n6,5\n", 1, "steps by 3 s")]
    public void Times_that_jump_are_named_and_split_what_does_not_belong_together(string table, int episodes, string what)
    {
        var imported = Imported.Table(_folder, table);
        Assert.Equal(episodes, imported.Episodes.Length);
        Assert.Equal(5, imported.Moments.Count);
        Assert.Contains(imported.Plan.Warnings, warning => warning.Contains($"on line 5", StringComparison.Ordinal) && warning.Contains(what, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("time\n2026-01-01T00:00:00Z\n2026-01-01T00:00:00.1Z\n2026-01-01T00:00:00.25Z\n", 10)]
    [InlineData("timestamp\n1700000000000\n1700000000100\n1700000000250\n", 10)]
    [InlineData("time_ms\n0\n100\n250\n", 10)]
    [InlineData("time (us)\n0\n100000\n250000\n", 10)]
    [InlineData("t\n0\n0.1\n0.25\n", 10)]
    public void Times_are_understood_and_kept(string times, double rate)
    {
        var lines = times.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var imported = Imported.Table(_folder, string.Join('\n', lines.Select((line, i) => i == 0 ? line + ",x" : $"{line},{i}")), new ImportOptions { Gap = 10 });
        Assert.Equal(rate, imported.Schema.Rate);
        Assert.Equal(3, imported.Times.Length);
        Assert.Equal(0.1, imported.Times[1], 1e-6);
        Assert.Equal(0.25, imported.Times[2], 1e-6);
    }

    [Fact]
    public void Rows_sampled_at_their_own_rate_come_back_as_they_are()
    {
        const string Table = "time,x,reward,say,done\n0,1,1,a,0\n0.1,2,0,,0\n0.2,3,2,c,0\n0.3,4,0,,1\n";
        var rows = Imported.Table(_folder, Table);
        var sampled = Imported.Table(_folder, Table, new ImportOptions { Rate = 10.05 });
        Assert.Equal(rows.Moments.Count, sampled.Moments.Count);
        Assert.Equal(rows.Vector("x"), sampled.Vector("x"));
        Assert.Equal(rows.Vector("reward"), sampled.Vector("reward"));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(7)]
    public void Sampling_loses_no_reward_and_no_word_and_doubles_none(double rate)
    {
        var table = "time,x,reward,say\n" + string.Concat(Enumerable.Range(0, 41).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 0.05:0.00},{i},{i % 3},w{i}\n")));
        var imported = Imported.Table(_folder, table, new ImportOptions { Rate = rate, Map = [ImportMapping.Parse("say=say:text")] });
        Assert.Equal(Enumerable.Range(0, 41).Sum(i => i % 3), imported.Vector("reward").Sum());
        Assert.Equal(Enumerable.Range(0, 41).Select(i => $"w{i}"), imported.Text("say").SelectMany(text => text!.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        var xs = imported.Vector("x");
        for (var k = 0; k < xs.Length; k++)
        {
            var inForce = Math.Min(40, Math.Floor((k / rate * 20) + (2 / rate) + 1e-9));
            Assert.Equal(inForce, xs[k]);
        }
    }

    [Fact]
    public void An_end_and_a_truncation_stop_an_episode_each_in_its_way()
    {
        var imported = Imported.Table(_folder, "x,done,truncated\n1,0,0\n2,1,0\n3,0,0\n4,0,1\n5,0,0\n");
        Assert.Equal([Ending.End, Ending.Truncation, Ending.Truncation], imported.Episodes.Select(episode => episode.Ending));
        Assert.Equal([0, 1, 0, 0, 0], imported.Category("done"));
    }

    [Fact]
    public void What_a_schema_can_not_hold_is_refused_with_the_file_named()
    {
        var path = _folder["wide.csv"];
        File.WriteAllText(path, string.Join(',', Enumerable.Range(0, 300).Select(i => $"c{i}")) + "\n" + string.Join(',', Enumerable.Repeat("some words", 300)) + "\n");
        var error = Assert.Throws<InvalidFileException>(() => Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }
}
