// Texts and series: whole code points, every byte and row once and in order, and plain errors for files that are neither.
using System.Text;
using Umwelt.Moments;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Worlds.Tests.Small;

public sealed class FileWorldTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(1000)]
    public void The_moments_of_a_text_are_the_text_and_never_split_a_code_point(int bytes)
    {
        using var world = TestWorlds.Open(bytes == 0 ? "text" : $"text?bytes={bytes}", 1);
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var read = new StringBuilder();
        foreach (var text in Texts(world))
        {
            Assert.True(text.Length <= Math.Max(bytes, 4));
            var characters = strict.GetString(text);
            Assert.True(bytes > 0 || characters.EnumerateRunes().Count() == 1);
            read.Append(characters);
        }

        Assert.Equal(TestWorlds.Text, read.ToString());
    }

    [Fact]
    public void A_random_start_is_a_code_point_of_its_own_and_the_rest_follows()
    {
        using var world = TestWorlds.Open("text?start=random", 1);
        var starts = new HashSet<int>();
        for (var seed = 0; seed < 40; seed++)
        {
            var text = Encoding.UTF8.GetString([.. Texts(world, seed).SelectMany(part => part)]);
            Assert.EndsWith(text, TestWorlds.Text, StringComparison.Ordinal);
            starts.Add(text.Length);
        }

        Assert.True(starts.Count > 10);
    }

    [Fact]
    public void The_moments_of_a_series_are_its_rows()
    {
        using var world = TestWorlds.Open("series", 1);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        Assert.Equal(["time", "height"], ((VectorChannel)world.Schema["series"]).Names);
        Assert.Equal([0f, 1.5f], moments[0].Vector("series").ToArray());
        var count = 1;
        for (; moments[0].Ending == Ending.None; count++)
        {
            world.Step(new MomentBatch(world.Schema.Motor, 1), moments);
        }

        Assert.Equal(11, count);
        Assert.Equal(Ending.Truncation, moments[0].Ending);
        Assert.Equal([1f, 11f], moments[0].Vector("series").ToArray());
    }

    [Theory]
    [InlineData("series", "a,b\n1,2\n3\n", "line 3 has 1 columns where the first has 2")]
    [InlineData("series", "1,2\n3,4,5\n", "line 2 has 3 columns where the first has 2")]
    [InlineData("series", "1,2\n3,x\n", "line 2, column 2: 'x' is no finite number")]
    [InlineData("series", "1\nNaN\n", "line 2, column 1: 'NaN' is no finite number")]
    [InlineData("series", "a,b\n", "no row of numbers")]
    [InlineData("series", "", "no row of numbers")]
    [InlineData("text", "", "no text")]
    public void What_is_no_table_or_text_is_refused_with_its_place(string kind, string content, string problem)
    {
        var path = TestWorlds.FileOf(content);

        var error = Assert.Throws<InvalidFileException>(() => WorldCatalogue.Open($"{kind}:{path}"));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_refused_at_its_byte()
    {
        var path = TestWorlds.FileOf([0x61, 0xC3, 0xA9, 0xFF, 0x62]);

        var error = Assert.Throws<InvalidFileException>(() => WorldCatalogue.Open($"text:{path}"));
        Assert.Equal(3, error.Offset);
    }

    private static List<byte[]> Texts(World world, long seed = 0)
    {
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, seed, moments);
        var texts = new List<byte[]> { moments.Text(0, 0).ToArray() };
        while (moments.Endings[0] == Ending.None)
        {
            world.Step(new MomentBatch(world.Schema.Motor, 1), moments);
            texts.Add(moments.Text(0, 0).ToArray());
        }

        Assert.Equal(Ending.End, moments.Endings[0]);
        return texts;
    }
}
