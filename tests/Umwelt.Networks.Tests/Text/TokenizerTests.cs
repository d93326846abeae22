// What anybody may rely on who turns text into tokens and back: nothing is lost, special tokens mean what was asked for, and a stream
// of tokens becomes the text it is part of.
using System.Runtime.InteropServices;
using System.Text;

using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class TokenizerTests
{
    private static readonly string Sample =
        string.Concat(Enumerable.Repeat("The fox opens the red door, and it's 1234 times as warm. Naïve дом 你好 😀👍🏽 ", 20));

    public static TheoryData<SplitPattern> Patterns => new(Enum.GetValues<SplitPattern>());

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Any_bytes_come_back_as_they_were(SplitPattern pattern)
    {
        var random = RandomStream.Of(5, (long)pattern);
        foreach (var tokenizer in new[] { Trained(pattern), Tokenizer.OfBytes() })
        {
            Assert.True(tokenizer.IsLossless);
            for (var i = 0; i < 300; i++)
            {
                var bytes = i % 2 == 0 ? RandomText.Bytes(ref random, 60) : RandomText.Mixed(ref random, 20);
                var tokens = new List<int> { -7 };
                tokenizer.Encode(bytes, tokens);
                Assert.Equal(-7, tokens[0]);
                tokens.RemoveAt(0);
                Assert.Equal(bytes, MergingTests.Decode(tokenizer, tokens));
                Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
            }
        }
    }

    [Fact]
    public void Text_and_its_bytes_have_the_same_tokens()
    {
        var tokenizer = Trained(SplitPattern.Llama3);
        var tokens = new List<int>();
        tokenizer.Encode(Encoding.UTF8.GetBytes(Sample), tokens);

        Assert.Equal(tokens, tokenizer.Encode(Sample));
        Assert.Equal(Sample, tokenizer.Decode(CollectionsMarshal.AsSpan(tokens)));
        Assert.True(tokens.Count < Sample.Length / 2);
    }

    [Fact]
    public void Bytes_are_their_own_tokens_and_characters_are_numbered_by_code()
    {
        Assert.Equal([104, 0xC3, 0xA9, 255], Encoded(Tokenizer.OfBytes(), [.. "hé"u8, 255]));
        Assert.Equal(256, Tokenizer.OfBytes().VocabularySize);

        var characters = Tokenizer.OfCharacters("hello 😀 wörld\n");
        Assert.Equal("hello 😀 wörld\n".EnumerateRunes().Distinct().Count(), characters.VocabularySize);
        Assert.Equal("\n drwehloö😀".EnumerateRunes().Order().Select(rune => rune.ToString()), Enumerable.Range(0, characters.VocabularySize).Select(token => characters.Decode([token])));
        Assert.Equal("low 😀", characters.Decode(characters.Encode("low 😀")));
        Assert.Equal("hell", characters.Decode(characters.Encode("hZeXlΩl")));
        Assert.False(characters.IsLossless);
    }

    [Fact]
    public void Special_tokens_are_text_or_tokens_or_errors_as_asked()
    {
        var tokenizer = Trained(SplitPattern.Gpt2);
        const string Text = "red<|end|>door<|end|>";

        var asText = tokenizer.Encode(Text);
        var allowed = tokenizer.Encode(Text, SpecialTokens.Allowed);

        Assert.DoesNotContain(0, asText);
        Assert.Equal(Text, tokenizer.Decode(asText));
        Assert.Equal([.. tokenizer.Encode("red"), 0, .. tokenizer.Encode("door"), 0], allowed);
        Assert.Equal(Text, tokenizer.Decode(allowed));
        Assert.Equal("reddoor", tokenizer.Decode(allowed, skipSpecial: true));
        Assert.Equal(0, tokenizer.Find("<|end|>"));
        Assert.Equal(-1, tokenizer.Find("<|begin|>"));
        Assert.True(tokenizer.IsSpecial(0));
        Assert.False(tokenizer.IsSpecial(1));
    }

    [Fact]
    public void A_refused_special_token_is_named_with_its_place_and_nothing_is_appended()
    {
        var tokens = new List<int> { 1, 2 };

        var error = Assert.Throws<ArgumentException>(() => Trained(SplitPattern.Gpt2).Encode("some text before<|end|>", tokens, SpecialTokens.Refused));

        Assert.Contains("'<|end|>' at byte 16", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], tokens);
        Assert.Equal("fine", Trained(SplitPattern.Gpt2).Decode(Trained(SplitPattern.Gpt2).Encode("fine", SpecialTokens.Refused)));
    }

    [Fact]
    public void A_stream_of_tokens_becomes_the_text_and_never_half_a_character()
    {
        var random = RandomStream.Of(6);
        foreach (var tokenizer in new[] { Tokenizer.OfBytes(), Trained(SplitPattern.Qwen2) })
        {
            for (var i = 0; i < 200; i++)
            {
                var tokens = Encoded(tokenizer, RandomText.Mixed(ref random, 8));
                for (var split = 0; split <= tokens.Length; split += 1 + (tokens.Length / 8))
                {
                    // Decoding may end anywhere, and then says what decoding so much at once says.
                    var decoder = tokenizer.StartDecoding();
                    var text = new StringBuilder();
                    foreach (var token in tokens[..split])
                    {
                        var piece = decoder.Add(token);
                        Assert.True(piece.Length == 0 || !(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
                        text.Append(piece);
                    }

                    Assert.Equal(tokenizer.Decode(tokens[..split]), text.Append(decoder.End()).ToString());
                }
            }
        }
    }

    [Fact]
    public void A_stream_holds_back_no_more_than_an_unfinished_character()
    {
        var tokenizer = Tokenizer.OfBytes();
        var decoder = tokenizer.StartDecoding();

        Assert.Equal(["a", "", "é", "", "", "", "😀", "\uFFFD", "", ""], "aé😀"u8.ToArray().Append((byte)0xFF).Append((byte)0xE4).Append((byte)0xBD).Select(b => decoder.Add(b)));
        Assert.Equal("\uFFFD", decoder.End());
    }

    [Fact]
    public void Many_threads_get_the_tokens_that_one_gets()
    {
        var tokenizer = Trained(SplitPattern.Llama3);
        var texts = Enumerable.Range(0, 64).Select(seed =>
        {
            var random = RandomStream.Of(seed);
            return RandomText.Mixed(ref random, 300);
        }).ToArray();
        var expected = texts.Select(text => Encoded(tokenizer, text)).ToArray();
        var found = new int[texts.Length][];

        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 7 }, i => found[i] = Encoded(tokenizer, texts[i]));

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Encoding_and_decoding_a_text_again_allocates_nothing()
    {
        var tokenizer = Trained(SplitPattern.Llama3);
        var (bytes, tokens) = (Encoding.UTF8.GetBytes(Sample), new List<int>(10_000));
        var decoded = new System.Buffers.ArrayBufferWriter<byte>(bytes.Length);
        tokenizer.Encode(bytes, tokens, SpecialTokens.Allowed);
        tokenizer.Decode(CollectionsMarshal.AsSpan(tokens), decoded);
        tokens.Clear();
        decoded.ResetWrittenCount();

        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(bytes, tokens, SpecialTokens.Allowed);
        tokenizer.Decode(CollectionsMarshal.AsSpan(tokens), decoded);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(bytes, decoded.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_token_that_does_not_exist_is_named()
    {
        var tokenizer = Tokenizer.OfBytes();

        Assert.Contains("256", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([256])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.StartDecoding().Add(-1));
    }

    private static Tokenizer Trained(SplitPattern pattern) =>
        new TokenizerTraining { VocabularySize = 400, Pattern = pattern, SpecialTokens = ["<|end|>"] }.Learn(Encoding.UTF8.GetBytes(Sample));

    private static int[] Encoded(Tokenizer tokenizer, byte[] text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return [.. tokens];
    }
}
