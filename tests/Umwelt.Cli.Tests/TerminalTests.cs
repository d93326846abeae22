// What is written to a terminal fits into it: no line wraps by itself, no word is lost, nothing steers the terminal.
using Umwelt.Cli.Output;
using Xunit;

namespace Umwelt.Cli.Tests;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("a b c", 80, "a b c")]
    [InlineData("a b c", 3, "a …")]
    [InlineData("a\e[2Jb\nc", 80, "a [2Jb c")]
    [InlineData("a😀b", 3, "a…")]
    [InlineData("a", 0, "…")]
    public void AFittedLineIsNoWiderThanItsRoomAndSteersNothing(string text, int width, string expected) =>
        Assert.Equal(expected, Terminal.Fit(text, width));

    [Theory]
    [InlineData(10)]
    [InlineData(25)]
    public void WrappedTextBreaksBetweenWordsAndLosesNone(int width)
    {
        const string Text = "The cat is in the hall. It opens the door,\nlooksandlooksandlooksandlooks and then it goes to sleep.";
        using var writer = new StringWriter { NewLine = "\n" };
        using (var wrapped = new WrappedText(writer, width))
        {
            foreach (var character in Text)
            {
                wrapped.Write(character.ToString());
            }
        }

        var lines = writer.ToString().TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
        static string Letters(string text) => new([.. text.Where(static letter => !char.IsWhiteSpace(letter))]);
        Assert.Equal(Letters(Text), Letters(writer.ToString()));
        Assert.DoesNotContain(lines, static line => line.EndsWith("slee", StringComparison.Ordinal));
    }
}
