// A stop ends a text wherever the pieces are cut, and nothing else is ever held back at the end.
using Umwelt.Models.Internal.Text;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Models.Tests.Text;

public sealed class StopTextTests
{
    [Theory]
    [InlineData("one two three", "two", "one ")]
    [InlineData("aaab", "aab", "a")]
    [InlineData("ababac", "abac", "ab")]
    [InlineData("no stop he", "here", "no stop he")]
    [InlineData("stop", "stop", "")]
    [InlineData("x\n\ny", "\n\n", "x")]
    public void A_text_ends_before_the_first_stop_wherever_it_is_cut(string text, string stop, string expected)
    {
        var random = RandomStream.Of(3);
        for (var round = 0; round < 50; round++)
        {
            var filter = new StopText([stop, "never here"]);
            var given = "";
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(1 + random.NextInt32(4), text.Length - at);
                given += filter.Add(text.Substring(at, length));
                Assert.StartsWith(given, expected, StringComparison.Ordinal);
                at += length;
            }

            Assert.Equal(expected, given + filter.End());
            Assert.Equal(text.Contains(stop, StringComparison.Ordinal), filter.HasEnded);
        }
    }

    [Theory]
    [InlineData("xabcdy", "xab", "abcd", "c")]
    [InlineData("xabcy", "x", "abc", "bc")]
    [InlineData("xabcy", "xa", "b", "abc")]
    public void Of_several_the_first_that_is_complete_counts_wherever_the_text_is_cut(string text, string expected, params string[] stops)
    {
        for (var length = 1; length <= text.Length; length++)
        {
            var filter = new StopText(stops);
            Assert.Equal(expected, string.Concat(text.Chunk(length).Select(piece => filter.Add(new string(piece)))) + filter.End());
            Assert.True(filter.HasEnded);
        }
    }

    [Fact]
    public void Nothing_is_held_back_that_can_not_become_a_stop()
    {
        var filter = new StopText(["end"]);
        Assert.Equal("ab", filter.Add("ab"));
        Assert.Equal("c", filter.Add("ce"));
        Assert.Equal("ea", filter.Add("a"));
        Assert.Equal("", filter.End());
    }
}
