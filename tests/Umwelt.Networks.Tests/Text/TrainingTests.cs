// Training learns what counting anew after every merge would learn, the same on any number of threads.
using System.Text;

using Umwelt.Networks.Text.Internal;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class TrainingTests
{
    [Theory]
    [InlineData(2, 40)]
    [InlineData(3, 200)]
    [InlineData(8, 400)]
    [InlineData(26, 400)]
    public void Learnt_merges_are_those_of_a_naive_trainer(int letters, int words)
    {
        for (var trial = 0; trial < 5; trial++)
        {
            var random = RandomStream.Of(letters, words, trial);
            byte[] text = [.. RandomText.Letters(ref random, words, letters), .. RandomText.Mixed(ref random, 20)];
            foreach (var fewest in new[] { 1, 3 })
            {
                var counts = new WordCounts();
                counts.Add(text, Splitter.Of(SplitPattern.Gpt2));

                var merges = new MergeLearner(counts, [], fewest).Learn(256 + 90, null, TestContext.Current.CancellationToken);

                Assert.Equal(Naive(text, 256 + 90, fewest), merges);
            }
        }
    }

    [Fact]
    public void Threads_and_files_do_not_change_what_is_learnt()
    {
        using var folder = new TemporaryFolder();
        var random = RandomStream.Of(7);
        byte[][] texts = [.. Enumerable.Range(0, 3).Select(i => RandomText.Repeated(RandomText.Letters(ref random, 5000, 9), i == 0 ? 2_500_000 : 50_000))];
        var paths = texts.Select((_, i) => folder[$"{i}.txt"]).ToArray();
        for (var i = 0; i < texts.Length; i++)
        {
            File.WriteAllBytes(paths[i], texts[i]);
        }

        var training = new TokenizerTraining { VocabularySize = 400 };
        var expected = Written((training with { Threads = 1 }).OnFiles(paths, cancellation: TestContext.Current.CancellationToken));
        foreach (var threads in new[] { 2, 7 })
        {
            Assert.Equal(expected, Written((training with { Threads = threads }).OnFiles(paths, cancellation: TestContext.Current.CancellationToken)));
        }

        Assert.Equal(expected, Written(training.OnFiles([.. paths.Reverse()], cancellation: TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void The_vocabulary_is_special_tokens_then_bytes_then_merges()
    {
        var tokenizer = new TokenizerTraining { VocabularySize = 260, SpecialTokens = ["<|a|>", "<|b|>"] }.Learn("low low low lower"u8.ToArray());

        Assert.Equal(260, tokenizer.VocabularySize);
        Assert.Equal(["<|a|>", "<|b|>"], tokenizer.AddedTokens.Select(token => token.Content));
        Assert.Equal("!"u8.ToArray(), tokenizer.BytesOf(2).ToArray());
        Assert.Equal([0x00], tokenizer.BytesOf(2 + 188).ToArray());
        Assert.Equal("lo"u8.ToArray(), tokenizer.BytesOf(258).ToArray());
        Assert.Equal("low"u8.ToArray(), tokenizer.BytesOf(259).ToArray());
        Assert.True(tokenizer.IsLossless);
    }

    [Fact]
    public void A_text_with_little_to_merge_gives_a_small_vocabulary()
    {
        Assert.Equal(257, new TokenizerTraining { VocabularySize = 1000 }.Learn(""u8.ToArray()).VocabularySize);
        Assert.Equal(257, new TokenizerTraining { VocabularySize = 1000 }.Learn("abc"u8.ToArray()).VocabularySize);
        Assert.Equal(259, new TokenizerTraining { VocabularySize = 1000, FewestOccurrences = 1 }.Learn("abc"u8.ToArray()).VocabularySize);
    }

    [Fact]
    public void No_merge_spells_a_special_token()
    {
        var tokenizer = new TokenizerTraining { VocabularySize = 400, SpecialTokens = ["lower"], FewestOccurrences = 1 }
            .Learn("lower lower lower lower"u8.ToArray());

        Assert.DoesNotContain(0, tokenizer.Encode("lower slower lower"));
        Assert.Equal([0], tokenizer.Encode("lower", SpecialTokens.Allowed));
    }

    [Fact]
    public void Training_can_be_cancelled_and_says_how_far_it_is()
    {
        using var cancelling = new CancellationTokenSource();
        var seen = new Progress(cancelling);
        var random = RandomStream.Of(1);
        var text = RandomText.Letters(ref random, 5000, 20);

        Assert.ThrowsAny<OperationCanceledException>(() => new TokenizerTraining { VocabularySize = 5000 }.OnText(text, seen, cancelling.Token));

        Assert.Equal(text.Length, seen.Stages["counting words"].Done);
        Assert.Equal(text.Length, seen.Stages["counting words"].Total);
        Assert.InRange(seen.Stages["learning merges"].Done, 1, 128);
    }

    [Fact]
    public void A_file_that_is_not_there_and_impossible_settings_are_said()
    {
        Assert.Throws<FileNotFoundException>(() => new TokenizerTraining().OnFiles(["no such file"], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("256", Assert.Throws<ArgumentException>(() => new TokenizerTraining { VocabularySize = 256 - 1, SpecialTokens = [] }.Learn([])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TokenizerTraining { Threads = 0 }.Learn([]));
        Assert.Throws<ArgumentException>(() => new TokenizerTraining { FewestOccurrences = 0 }.Learn([]));
        Assert.Throws<ArgumentException>(() => new TokenizerTraining { SpecialTokens = ["<a>", "<a>"] }.Learn([]));
        Assert.Throws<ArgumentException>(() => new TokenizerTraining { SpecialTokens = ["a"] }.Learn([]));
    }

    private static byte[] Written(Tokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Write(stream);
        return stream.ToArray();
    }

    // Counts everything anew after every merge.
    private static List<(int Left, int Right)> Naive(byte[] text, int vocabulary, int fewest)
    {
        var order = ByteLevelAlphabet.InOrder.ToArray();
        var spellings = order.Select(b => new List<byte> { b }).ToList();
        var words = new List<List<int>>();
        for (var start = 0; start < text.Length;)
        {
            var end = Splitter.Of(SplitPattern.Gpt2).End(text, start);
            words.Add([.. text[start..end].Select(b => Array.IndexOf(order, b))]);
            start = end;
        }

        var merges = new List<(int, int)>();
        while (spellings.Count < vocabulary)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair)
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key.First).ThenBy(group => group.Key.Second).FirstOrDefault();
            if (best is null || best.Count() < fewest)
            {
                break;
            }

            var (left, right) = best.Key;
            List<byte> spelling = [.. spellings[left], .. spellings[right]];
            var token = spellings.FindIndex(other => other.SequenceEqual(spelling));
            if (token < 0)
            {
                token = spellings.Count;
                spellings.Add(spelling);
            }

            if (!merges.Contains(best.Key))
            {
                merges.Add(best.Key);
            }

            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == left && word[i + 1] == right)
                    {
                        word[i] = token;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }

    private sealed class Progress(CancellationTokenSource cancelling) : IProgress<TokenizerProgress>
    {
        public Dictionary<string, TokenizerProgress> Stages { get; } = new(StringComparer.Ordinal);

        public void Report(TokenizerProgress value)
        {
            Stages[value.Stage] = value;
            if (string.Equals(value.Stage, "learning merges", StringComparison.Ordinal))
            {
                cancelling.Cancel();
            }
        }
    }
}
