// Tables in a pipe: aligned, unwrapped, uncoloured.
using Umwelt.Cli.Output;
using Xunit;

namespace Umwelt.Cli.Tests;

public class TextTableTests
{
    [Fact]
    public void ColumnsOfNumbersAreAlignedToTheRightAndOthersToTheLeft()
    {
        var text = TextTable.Plain(["shape", "GFLOP/s"], [["64x64", "9.5"], ["1x1024x4096", "110.25"], ["none", "-"]]);

        Assert.Equal(
            ["shape        GFLOP/s", "64x64            9.5", "1x1024x4096   110.25", "none               -"],
            text.TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public void LongCellsAreNeverWrapped()
    {
        var summary = new string('x', 500);

        Assert.Contains(summary, TextTable.Plain(["name", "summary"], [["a", summary]]), StringComparison.Ordinal);
    }
}
