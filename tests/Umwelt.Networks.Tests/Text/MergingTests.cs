// Merging is: always the pair of the lowest rank, the leftmost of several, until no pair is left. Every way of doing it agrees.
using System.Text;

using Umwelt.Networks.Text.Internal;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class MergingTests
{
    [Fact]
    public void Fast_merging_is_naive_merging_of_the_lowest_rank()
    {
        var random = RandomStream.Of(1);
        for (var trial = 0; trial < 300; trial++)
        {
            var (merges, letters) = RandomMerges(ref random);
            var merger = new WordMerger(new MergeTable(merges));
            for (var i = 0; i < 10; i++)
            {
                var tokens = new int[random.NextInt32(48)];
                foreach (ref var token in tokens.AsSpan())
                {
                    token = random.NextInt32(letters);
                }

                var expected = Naive(merges, tokens);
                int[] scanned = [.. tokens], sifted = [.. tokens];
                Assert.Equal(expected, scanned[..merger.Scan(scanned)]);
                Assert.Equal(expected, sifted[..merger.Sift(sifted)]);
            }
        }
    }

    [Fact]
    public void A_long_piece_merges_as_it_would_naively()
    {
        var random = RandomStream.Of(2);
        var (merges, letters) = RandomMerges(ref random);
        var tokens = new int[700];
        foreach (ref var token in tokens.AsSpan())
        {
            token = random.NextInt32(letters);
        }

        int[] merged = [.. tokens];
        Assert.Equal(Naive(merges, tokens), merged[..new WordMerger(new MergeTable(merges)).Merge(merged)]);
    }

    [Fact]
    public void Of_two_merges_of_one_pair_the_later_holds()
    {
        var table = new MergeTable([new Merge(0, 1, 2), new Merge(1, 1, 3), new Merge(0, 1, 4)]);

        Assert.Equal(2, table.Rank(0, 1, out var result));
        Assert.Equal(4, result);
        Assert.Equal(MergeTable.Never, table.Rank(1, 0, out _));
    }

    [Fact]
    public void A_megabyte_without_a_break_is_one_piece_and_soon_done()
    {
        var tokenizer = new TokenizerTraining { VocabularySize = 270, Threads = 1 }.Learn("aaaa aaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa"u8.ToArray());
        var text = Encoding.ASCII.GetBytes(new string('a', 1 << 20));
        var tokens = new List<int>();

        tokenizer.Encode(text, tokens);

        Assert.InRange(tokens.Count, 1, text.Length / 8);
        Assert.Equal(text, Decode(tokenizer, tokens));
    }

    [Fact]
    public void Whole_texts_have_the_tokens_of_their_pieces_merged_naively()
    {
        var random = RandomStream.Of(4);
        var training = RandomText.Letters(ref random, 3000, 5);
        foreach (var pattern in Enum.GetValues<SplitPattern>())
        {
            var definition = Learn(training, pattern, 500);
            var tokenizer = new Tokenizer(definition);
            var splitter = Splitter.Of(pattern);
            for (var i = 0; i < 60; i++)
            {
                byte[] text = [.. RandomText.Letters(ref random, 30, 6), .. RandomText.Mixed(ref random, 12), .. RandomText.Bytes(ref random, 9)];
                var expected = new List<int>();
                for (var start = 0; start < text.Length;)
                {
                    var end = splitter.End(text, start);
                    expected.AddRange(Naive(definition.Merges, [.. text[start..end].Select(b => TokenOfByte(definition, b))]));
                    start = end;
                }

                // The second time every word comes from the cache.
                for (var time = 0; time < 2; time++)
                {
                    var tokens = new List<int>();
                    tokenizer.Encode(text, tokens);
                    Assert.Equal(expected, tokens);
                }
            }
        }
    }

    [Fact]
    public void The_cache_forgets_but_never_errs()
    {
        var cache = new WordCache();
        var buffer = new int[8];
        var found = 0;
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 100_000; i++)
            {
                var word = Encoding.ASCII.GetBytes($"{new string('w', i % 20)}{i:X}");
                var key = WordCache.Key(word, 0, word.Length);
                int[] tokens = [i, i / 2, .. Enumerable.Repeat(7, i % 6)];
                if (cache.Find(key, buffer) is > 0 and var count)
                {
                    found++;
                    Assert.Equal(tokens, buffer[..count]);
                }
                else
                {
                    cache.Add(key, tokens);
                }
            }
        }

        Assert.InRange(found, 10_000, 100_000);
    }

    [Fact]
    public void A_key_is_the_same_in_the_middle_of_a_text_and_at_its_end()
    {
        var text = Encoding.ASCII.GetBytes(new string('x', 50) + "word" + new string('y', 50));

        Assert.Equal(WordCache.Key("word"u8, 0, 4), WordCache.Key(text, 50, 4));
        Assert.NotEqual(WordCache.Key("word"u8, 0, 4), WordCache.Key("word\0"u8, 0, 5));
        Assert.Equal(WordCache.Key(text.AsSpan(0, 31), 0, 31), WordCache.Key(text, 0, 31));
    }

    internal static TokenizerDefinition Learn(byte[] text, SplitPattern pattern, int vocabulary)
    {
        var counts = new WordCounts();
        counts.Add(text, Splitter.Of(pattern));
        return TokenizerDefinitions.OfMerges(pattern, [], new MergeLearner(counts, [], 1).Learn(vocabulary, null, CancellationToken.None));
    }

    internal static byte[] Decode(Tokenizer tokenizer, List<int> tokens)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens), bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static int TokenOfByte(TokenizerDefinition definition, byte value) =>
        definition.Spellings.Find(Encoding.UTF8.GetBytes(ByteLevelAlphabet.Text([value])));

    private static int[] Naive(Merge[] merges, int[] tokens)
    {
        var left = tokens.ToList();
        while (true)
        {
            var (best, at) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < left.Count; i++)
            {
                var rank = Array.FindLastIndex(merges, merge => merge.Left == left[i] && merge.Right == left[i + 1]);
                if (rank >= 0 && rank < best)
                {
                    (best, at) = (rank, i);
                }
            }

            if (at < 0)
            {
                return [.. left];
            }

            left[at] = merges[best].Result;
            left.RemoveAt(at + 1);
        }
    }

    // Merges in any order, also such as no trainer makes: a later token may have the better rank.
    private static (Merge[] Merges, int Letters) RandomMerges(ref RandomStream random)
    {
        var letters = 1 + random.NextInt32(5);
        var merges = new List<Merge>();
        for (var token = letters; token < letters + 40; token++)
        {
            merges.Add(new Merge(random.NextInt32(token), random.NextInt32(token), token));
        }

        var order = merges.ToArray();
        random.Shuffle<Merge>(order);
        return (order, letters);
    }
}
