// Splitters cut as the regular expressions they stand for, whatever the text, and lose nothing of it.
using System.Text;

using Umwelt.Networks.Text.Internal;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class SplitterTests
{
    public static TheoryData<SplitPattern> Patterns => new(Enum.GetValues<SplitPattern>());

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Pieces_are_the_matches_of_the_regular_expression(SplitPattern pattern)
    {
        using var golden = GoldenFiles.Open("unicode.json");
        var splitter = Splitter.Of(pattern);
        foreach (var item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            var expected = item.GetProperty(pattern.ToString()).EnumerateArray().Select(length => length.GetInt32());
            Assert.True(expected.SequenceEqual(Lengths(splitter, Encoding.UTF8.GetBytes(text))), text);
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Pieces_laid_end_to_end_are_any_bytes_at_all(SplitPattern pattern)
    {
        var random = RandomStream.Of(1, (long)pattern);
        Splitter[] splitters = [Splitter.Of(pattern), new DigitSplitter(true), new DigitSplitter(false), new MarkSplitter("▁"u8.ToArray(), true), new MarkSplitter("▁"u8.ToArray(), false)];
        for (var i = 0; i < 500; i++)
        {
            var text = i % 2 == 0 ? RandomText.Bytes(ref random, 40) : RandomText.Mixed(ref random, 8);
            foreach (var splitter in splitters)
            {
                var lengths = Lengths(splitter, text);
                Assert.Equal(text.Length, lengths.Sum());
                Assert.DoesNotContain(lengths, length => length <= 0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Letters_are_found_at_every_offset_and_length(SplitPattern pattern)
    {
        // The vectors of sixteen bytes meet the end of a word and of the text everywhere.
        var splitter = Splitter.Of(pattern);
        for (var length = 1; length < 70; length++)
        {
            var word = Encoding.ASCII.GetBytes(new string('z', length));
            Assert.Equal([length], Lengths(splitter, word));
            Assert.Equal([length, 1], Lengths(splitter, [.. word, (byte)'{']));
            Assert.Equal([length, 1], Lengths(splitter, [.. word, (byte)'@']));
            Assert.Equal([length + 2 + length], Lengths(splitter, [.. word, .. "é"u8, .. word]));
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Chunks_of_a_long_text_have_the_pieces_of_the_whole(SplitPattern pattern)
    {
        var random = RandomStream.Of(2, (long)pattern);
        var bytes = RandomText.Repeated([.. RandomText.Letters(ref random, 3000, 26), .. RandomText.Mixed(ref random, 3000)], 2_500_000);
        var splitter = Splitter.Of(pattern);
        var chunks = TextChunks.Of(new MemoryStream(bytes)).ToList();

        Assert.InRange(chunks.Count, 3, 6);
        Assert.Equal(bytes, chunks.SelectMany(chunk => chunk.ToArray()));
        Assert.Equal(Lengths(splitter, bytes), chunks.SelectMany(chunk => Lengths(splitter, chunk.Span)));
    }

    [Fact]
    public void Chunks_without_a_good_place_to_cut_still_hold_every_byte()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("你好", 500_000)));

        var chunks = TextChunks.Of(new MemoryStream(bytes)).ToList();

        Assert.Equal(bytes, chunks.SelectMany(chunk => chunk.ToArray()));
        Assert.All(chunks, chunk => Assert.True(System.Text.Unicode.Utf8.IsValid(chunk.Span)));
    }

    [Fact]
    public void A_run_of_digits_is_cut_as_asked()
    {
        Assert.Equal([1, 1, 1, 2, 2], Lengths(new DigitSplitter(true), "123ab\u0663"u8));
        Assert.Equal([3, 2, 2], Lengths(new DigitSplitter(false), "123ab\u0663"u8));
    }

    [Fact]
    public void Marks_open_pieces_singly_or_in_runs()
    {
        Assert.Equal([1, 3, 4, 3], Lengths(new MarkSplitter("▁"u8.ToArray(), false), "x▁▁y▁"u8));
        Assert.Equal([1, 7, 3], Lengths(new MarkSplitter("▁"u8.ToArray(), true), "x▁▁y▁"u8));
    }

    private static List<int> Lengths(Splitter splitter, ReadOnlySpan<byte> text)
    {
        var lengths = new List<int>();
        for (var start = 0; start < text.Length;)
        {
            var end = splitter.End(text, start);
            lengths.Add(end - start);
            start = end;
        }

        return lengths;
    }
}
