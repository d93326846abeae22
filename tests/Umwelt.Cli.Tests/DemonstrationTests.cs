// What the demonstration may be given and what it may show: any file has an answer in one line, and no output wraps.
using Umwelt.Cli.Commands;
using Umwelt.Cli.Gpt;
using Umwelt.Cli.Output;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class DemonstrationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("umwelt-demo-");

    [Theory]
    [InlineData("has 0 characters", "")]
    [InlineData("has 5 characters", "73686F7274")]
    [InlineData("zero bytes", "610062")]
    [InlineData("not UTF-8", "C328A0A1")]
    public void AFileThatIsNoTextIsNamedWithWhatIsWrong(string expected, string bytes)
    {
        var path = Path.Combine(_folder.FullName, "text.txt");
        File.WriteAllBytes(path, Convert.FromHexString(bytes));

        var message = Assert.Throws<CommandFailedException>(() => TextFile.Read(path, 100)).Message;

        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNotThereAndAFolderAreNamed()
    {
        var missing = Path.Combine(_folder.FullName, "missing.txt");
        Assert.Contains("no such file", Assert.Throws<CommandFailedException>(() => TextFile.Read(missing, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<CommandFailedException>(() => TextFile.Read(_folder.FullName, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADemonstrationEndsWithItsFiguresAsOneLine()
    {
        var (code, output, error) = await ConsoleOutput.OfAsync(
            DemoCommand.Create(), TestContext.Current.CancellationToken, "demo", "--seconds", "0.2", "--prompt", "Ж The", "--json");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("'Ж'", output, StringComparison.Ordinal);
        Assert.Contains("\"characters_per_second\":", output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void TokensAreWholeCharacters()
    {
        var text = new CharacterText("a😀b");

        Assert.Equal(3, text.Vocabulary);
        Assert.Equal("😀a", string.Concat(text.Encode("😀xa").Select(token => text[token])));
        Assert.Equal("xЖ", text.UnknownIn("axЖxb"));
    }

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

    public void Dispose() => _folder.Delete(recursive: true);
}
