// Bringing a line to another length keeps its mean, and keeps the line where the length stays.
using Umwelt.Worlds.Mapping;
using Xunit;

namespace Umwelt.Worlds.Tests.Mapping;

public sealed class AreaMeanTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(12, 3)]
    [InlineData(10, 4)]
    [InlineData(3, 8)]
    [InlineData(97, 64)]
    public void The_mean_stays_and_so_does_a_line_of_the_same_length(int from, int to)
    {
        var line = Enumerable.Range(0, from).Select(static i => (float)((i * 37) % 101)).ToArray();
        var result = new float[to];
        new AreaMean(from, to).Apply(line, 0, 1, result, 0, 1);
        Assert.Equal(line.Average(), result.Average(), 1e-3);
        if (from == to)
        {
            Assert.Equal(line, result);
        }
    }
}
