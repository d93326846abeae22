// A line says exactly one stack, and a line that says none is refused at the character where it goes wrong.
using Xunit;

namespace Umwelt.Networks.Tests.Patterns;

public sealed class LayerPatternTests
{
    [Theory]
    [InlineData("mamba", "mamba")]
    [InlineData("(space, mamba)x3, space, attention(window: 64)", "space mamba space mamba space mamba space attention[window=64]")]
    [InlineData(" Space ,mlstm ", "space mlstm")]
    [InlineData("mambax2", "mamba mamba")]
    [InlineData("mamba(states: 8)x2", "mamba[states=8] mamba[states=8]")]
    [InlineData("((a, b)x2, c)x2", "a b a b c a b a b c")]
    [InlineData("x, ax, max1", "x ax ma")]
    [InlineData("attention(window: 64, heads: 4, scale: -0.5)", "attention[heads=4 scale=-0.5 window=64]")]
    public void A_line_says_one_stack(string line, string stack) =>
        Assert.Equal(stack, string.Join(' ', LayerPattern.Parse(line).Layers.Select(layer =>
            layer.Arguments.IsEmpty ? layer.Name : $"{layer.Name}[{string.Join(' ', layer.Arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal).Select(argument => $"{argument.Key}={argument.Value.Value}"))}]")));

    [Theory]
    [InlineData("", 0, "expected a layer's name")]
    [InlineData("a,", 2, "expected a layer's name")]
    [InlineData("a b", 2, "expected ','")]
    [InlineData("(a, b", 5, "expected ')'")]
    [InlineData("a)", 1, "expected ','")]
    [InlineData("a(window 3)", 9, "expected ':'")]
    [InlineData("a(window:)", 9, "expected a value")]
    [InlineData("a(window: 3, window: 4)", 13, "given twice")]
    [InlineData("(a)x0", 4, "repeated")]
    [InlineData("(a)x99999999999", 4, "repeated")]
    [InlineData("((a)x1000)x1000", 0, "more than")]
    [InlineData("3a", 0, "expected a layer's name")]
    [InlineData("((((((((((((((((((a))))))))))))))))))", 17, "brackets")]
    public void A_line_that_says_none_is_refused_at_its_character(string line, int position, string problem)
    {
        var error = Assert.Throws<PatternException>(() => LayerPattern.Parse(line));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(position, error.Position);
    }

    [Fact]
    public void Arguments_are_checked_and_none_goes_unnoticed()
    {
        var pattern = LayerPattern.Parse("attention(window: 64, heads: many, wimdow: 3, qknorm: maybe)");
        var arguments = pattern.Arguments(pattern.Layers[0]);
        Assert.Equal(64, arguments.Integer("window", 0));
        Assert.Equal(7, arguments.Integer("groups", 7));
        Assert.Equal(29, Assert.Throws<PatternException>(() => arguments.Integer("heads", 4)).Position);
        Assert.Throws<PatternException>(() => arguments.Flag("qknorm", false));
        var error = Assert.Throws<PatternException>(arguments.End);
        Assert.Contains("no argument 'wimdow'; it takes window, groups, heads, qknorm", error.Message, StringComparison.Ordinal);
    }
}
