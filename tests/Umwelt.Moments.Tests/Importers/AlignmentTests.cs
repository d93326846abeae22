// The law of order within a tick, for every importer that knows commands: command k leads to moment k + 1. In these sources a
// row's sense tells which row it is, and so does its command, so that being off by one anywhere fails.
using System.Globalization;
using System.Text;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Tests.Video;
using Xunit;

namespace Umwelt.Moments.Tests.Importers;

public sealed class AlignmentTests : IDisposable
{
    private const int Rows = 12;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public void A_command_after_its_senses_leads_to_the_next_moment(string format)
    {
        var imported = Imported.Table(_folder, Series(format, outcomes: false), new ImportOptions { Commands = CommandOrder.After }, format);
        Assert.Equal(Rows, imported.Moments.Count);
        for (var k = 0; k < Rows; k++)
        {
            Assert.Equal(100 + k, imported.Vector("sense")[k]);
            Assert.Equal(k == 0 ? float.NaN : k - 1, imported.Vector("action")[k]);
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public void A_command_before_its_senses_stands_with_them(string format)
    {
        var imported = Imported.Table(_folder, Series(format, outcomes: false), new ImportOptions { Commands = CommandOrder.Before }, format);
        for (var k = 0; k < Rows; k++)
        {
            Assert.Equal(100 + k, imported.Vector("sense")[k]);
            Assert.Equal(k, imported.Vector("action")[k]);
        }
    }

    [Fact]
    public void What_the_last_command_brought_is_a_moment_without_senses()
    {
        var imported = Imported.Table(_folder, Series("csv", outcomes: true), new ImportOptions { Commands = CommandOrder.After });
        Assert.Equal(Rows + 1, imported.Moments.Count);
        for (var k = 0; k <= Rows; k++)
        {
            Assert.Equal(k == Rows ? float.NaN : 100 + k, imported.Vector("sense")[k]);
            Assert.Equal(k == 0 ? float.NaN : k - 1, imported.Vector("action")[k]);
            Assert.Equal(k == 0 ? float.NaN : 10 * (k - 1), imported.Vector("reward")[k]);
            Assert.Equal(k == 0 ? -1 : k == Rows ? 1 : 0, imported.Category("done")[k]);
        }

        Assert.Equal([Ending.End], imported.Episodes.Select(episode => episode.Ending));
    }

    [Theory]
    [InlineData("x,action\n1,\n2,0.1\n3,0.2\n", CommandOrder.Before)]
    [InlineData("x,action\n1,0.1\n2,0.2\n3,\n", CommandOrder.After)]
    [InlineData("x,action\n1,0.1\n2,0.2\n3,0.3\n", CommandOrder.After)]
    [InlineData("episode,x,action\n0,1,\n0,2,1\n1,1,\n1,2,5\n", CommandOrder.Before)]
    public void Which_row_lacks_a_command_tells_the_order(string table, CommandOrder order) =>
        Assert.Equal(order, Imported.Table(_folder, table).Plan.Commands);

    [Fact]
    public void A_series_without_commands_stays_as_it_is()
    {
        var imported = Imported.Table(_folder, "x,reward\n1,5\n2,6\n");
        Assert.Null(imported.Plan.Commands);
        Assert.Equal([5, 6], imported.Vector("reward"));
    }

    [Theory]
    [InlineData(CommandOrder.After, 1)]
    [InlineData(CommandOrder.Before, 0)]
    public void The_command_in_force_at_a_picture_leads_to_the_next(CommandOrder order, int later)
    {
        NeedsFfmpeg.OrSkip();
        var path = _folder["a.mp4"];
        NeedsFfmpeg.MakeGrey(path, 20, Rows, k => 20 + (10 * k));
        var table = new StringBuilder("time,press\n");
        for (var k = 0; k < Rows; k++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{k * 0.05:0.00},{k}\n");
        }

        File.WriteAllText(_folder["a.csv"], table.ToString());
        var imported = Imported.From("video", path, new ImportOptions { Rate = 20, Width = 8, Height = 8, Commands = order });
        Assert.Equal(Rows, imported.Moments.Count);
        for (var k = 0; k < Rows; k++)
        {
            Assert.InRange(imported.Moments[k].Image("sight")[0], 20 + (10 * k) - 2, 20 + (10 * k) + 2);
            Assert.Equal(k < later ? float.NaN : k - later, imported.Vector("press")[k]);
        }

        Assert.Equal(ChannelRole.Motor, imported.Schema["press"].Role);
    }

    [Fact]
    public void A_table_beside_a_video_may_be_sparse_and_says_where_its_time_goes_back()
    {
        NeedsFfmpeg.OrSkip();
        NeedsFfmpeg.MakeGrey(_folder["a.mp4"], 10, 20, _ => 90);
        File.WriteAllText(_folder["keys.csv"], "t,key\n0.3,up\n1.2,down\n1.1,up\n1.6,down\n");
        var imported = Imported.From("video", _folder["a.mp4"], new ImportOptions { Table = _folder["keys.csv"], Width = 8, Height = 8, Map = [ImportMapping.Parse("key=key:category")] });
        // In force from 0.3 s on, and one moment later in the moments: labels are down and up.
        Assert.Equal(
            [.. Enumerable.Repeat(-1, 4), .. Enumerable.Repeat(1, 13), .. Enumerable.Repeat(0, 3)],
            imported.Category("key"));
        Assert.Contains(imported.Plan.Warnings, warning => warning.Contains("on line 4", StringComparison.Ordinal) && warning.Contains("goes back by 0.1 s", StringComparison.Ordinal));
    }

    private static string Series(string format, bool outcomes)
    {
        var text = new StringBuilder(format == "csv" ? (outcomes ? "sense,action,reward,done\n" : "sense,action\n") : "");
        for (var k = 0; k < Rows; k++)
        {
            var end = outcomes ? string.Create(CultureInfo.InvariantCulture, $",{10 * k},{(k == Rows - 1 ? 1 : 0)}") : "";
            text.Append(CultureInfo.InvariantCulture, $"{(format == "csv" ? $"{100 + k},{k}{end}" : $$"""{"sense":{{100 + k}},"action":{{k}}}""")}\n");
        }

        return text.ToString();
    }
}
