// A tokenizer.json means to this program what it means to the library it comes from, and comes back from being written as it was.
// What is broken or not understood is refused in one line that names the place.
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Umwelt.Fuzzing;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class TokenizerFileTests
{
    private const int FilesOfDamage = 500;

    public static TheoryData<string> Styles => ["gpt2", "digits", "llama3", "qwen2", "llama2", "metaspace", "unknown"];

    [Theory]
    [MemberData(nameof(Styles))]
    public void Ids_and_texts_are_those_of_the_library_the_format_comes_from(string style)
    {
        using var golden = GoldenFiles.Open("tokenizers.json");
        var item = golden.RootElement.EnumerateArray().Single(item => item.GetProperty("name").ValueEquals(style));
        var tokenizer = Read(item.GetProperty("file").GetRawText());
        var again = Read(Written(tokenizer));
        foreach (var probe in item.GetProperty("probes").EnumerateArray())
        {
            var text = probe.GetProperty("text").GetString()!;
            foreach (var read in new[] { tokenizer, again })
            {
                var plain = read.Encode(text, SpecialTokens.Allowed);
                Assert.Equal(Ids(probe, "plain"), plain);
                Assert.Equal(Ids(probe, "framed"), read.Encode(text, SpecialTokens.Allowed, framed: true));
                Assert.Equal(probe.GetProperty("decoded").GetString(), read.Decode(plain, skipSpecial: true));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Written_and_read_back_and_written_is_written(string style)
    {
        using var golden = GoldenFiles.Open("tokenizers.json");
        var file = golden.RootElement.EnumerateArray().Single(item => item.GetProperty("name").ValueEquals(style)).GetProperty("file").GetRawText();
        var written = Written(Read(file));

        Assert.Equal(written, Written(Read(written)));
    }

    [Fact]
    public void Tokenizers_made_here_are_the_same_when_read_back()
    {
        using var folder = new TemporaryFolder();
        var text = "The fox <|endoftext|> doesn't open 1234 doors.\n\n  你好 é \u0301 ▁"u8.ToArray();
        foreach (var pattern in Enum.GetValues<SplitPattern>())
        {
            Check(new TokenizerTraining { VocabularySize = 300, Pattern = pattern, FewestOccurrences = 1 }.Learn(text));
        }

        Check(Tokenizer.OfBytes());
        Check(Tokenizer.OfCharacters(Encoding.UTF8.GetString(text)));

        void Check(Tokenizer tokenizer)
        {
            tokenizer.Write(folder[Tokenizer.FileName]);
            var read = Tokenizer.Read(folder[Tokenizer.FileName]);
            foreach (var specials in new[] { SpecialTokens.AsText, SpecialTokens.Allowed })
            {
                List<int> expected = [], found = [];
                tokenizer.Encode(text, expected, specials);
                read.Encode(text, found, specials);
                Assert.Equal(expected, found);
                Assert.Equal(text, MergingTests.Decode(read, found));
            }

            Assert.Equal(tokenizer.IsLossless, read.IsLossless);
            Assert.Equal(tokenizer.VocabularySize, read.VocabularySize);
            Assert.Equal(tokenizer.AddedTokens, read.AddedTokens);
        }
    }

    [Fact]
    public void Cutting_before_marks_changes_no_token_where_it_is_done_unasked()
    {
        // The same merges with a token that holds a mark after a letter are merged as one piece.
        using var golden = GoldenFiles.Open("tokenizers.json");
        var item = golden.RootElement.EnumerateArray().Single(item => item.GetProperty("name").ValueEquals("llama2"));
        var file = JsonNode.Parse(item.GetProperty("file").GetRawText())!;
        var cut = Read(file.ToJsonString());
        var vocabulary = file["model"]!["vocab"]!.AsObject();
        vocabulary["x▁y"] = vocabulary.Count;
        var whole = Read(file.ToJsonString());
        var random = RandomStream.Of(1);
        for (var i = 0; i < 100; i++)
        {
            var text = Encoding.UTF8.GetString(RandomText.Letters(ref random, 10, 26)) + " The   door ▁▁ does  ";
            Assert.Equal(whole.Encode(text), cut.Encode(text));
        }
    }

    [Theory]
    [InlineData("'Unigram', which is not supported; only BPE is", "model.type", "\"Unigram\"")]
    [InlineData("model.dropout is not supported", "model.dropout", "0.1")]
    [InlineData("model.end_of_word_suffix is not supported", "model.end_of_word_suffix", "\"</w>\"")]
    [InlineData("model.continuing_subword_prefix is not supported", "model.continuing_subword_prefix", "\"##\"")]
    [InlineData("model has the key 'surprise', which is not supported", "model.surprise", "true")]
    [InlineData("model.unk_token is 'nobody', which the vocabulary lacks", "model.unk_token", "\"nobody\"")]
    [InlineData("model.fuse_unk should be true or false", "model.fuse_unk", "\"yes\"")]
    [InlineData("version is '2.0'; only 1.0 is supported", "version", "\"2.0\"")]
    [InlineData("normalizer is 'NFKC', which is not supported", "normalizer", """{"type":"NFKC"}""")]
    [InlineData("normalizer.content is more than 4 times", "normalizer", """{"type":"Replace","pattern":{"String":"a"},"content":"aaaaa"}""")]
    [InlineData("normalizer.pattern has the key 'Regex'", "normalizer", """{"type":"Replace","pattern":{"Regex":"a"},"content":"b"}""")]
    [InlineData("pre_tokenizer is 'Whitespace', which is not supported", "pre_tokenizer", """{"type":"Whitespace"}""")]
    [InlineData("pre_tokenizer.pattern.Regex is '[a-z]+', which is not supported", "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Isolated","invert":false}""")]
    [InlineData("goes on after ByteLevel", "pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}""")]
    [InlineData("pre_tokenizer.prepend_scheme is 'often'", "pre_tokenizer", """{"type":"Metaspace","replacement":"_","prepend_scheme":"often"}""")]
    [InlineData("pre_tokenizer.replacement should be one character", "pre_tokenizer", """{"type":"Metaspace","replacement":"ab"}""")]
    [InlineData("post_processor is 'RobertaProcessing', which is not supported", "post_processor", """{"type":"RobertaProcessing"}""")]
    [InlineData("which special_tokens does not describe", "post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{}}""")]
    [InlineData("post_processor.single lacks the sequence A", "post_processor", """{"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":{}}""")]
    [InlineData("decoder is 'WordPiece', which is not supported", "decoder", """{"type":"WordPiece"}""")]
    [InlineData("decoder does not fit the pre_tokenizer", "decoder", """{"type":"Fuse"}""")]
    [InlineData("truncation is not supported", "truncation", """{"max_length":512}""")]
    [InlineData("padding is not supported", "padding", """{"strategy":"Fixed"}""")]
    [InlineData("model.vocab gives 'b' the number 0, which another token has", "model.vocab", """{"a":0,"b":0}""")]
    [InlineData("model.vocab gives 'a' no number from 0 to", "model.vocab", """{"a":2147483647}""")]
    [InlineData("model.vocab gives 'a' no number from 0 to", "model.vocab", """{"a":-1}""")]
    [InlineData("model.vocab should be an object", "model.vocab", "[]")]
    [InlineData("model.merges has at place 0 no pair", "model.merges", """["a b c"]""")]
    [InlineData("model.merges has at place 1 no pair", "model.merges", """["a b",["a"]]""")]
    [InlineData("model.merges needs at place 0 the token 'ba', which the vocabulary lacks", "model.merges", """["b a"]""")]
    [InlineData("added_tokens[0].content is empty", "added_tokens", """[{"id":5,"content":"","special":true}]""")]
    [InlineData("added_tokens[0] gives 'a' the number 5", "added_tokens", """[{"id":5,"content":"a"}]""")]
    [InlineData("added_tokens[1] gives '<b>' the number 5", "added_tokens", """[{"id":5,"content":"<a>"},{"id":5,"content":"<b>"}]""")]
    [InlineData("added_tokens[0].id should be a whole number", "added_tokens", """[{"id":4000000000,"content":"<a>"}]""")]
    public void What_is_wrong_or_unknown_is_refused_by_its_name(string problem, string place, string value)
    {
        var file = JsonNode.Parse(
            """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel"},
             "post_processor":null,"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
            """)!;
        Assert.Equal([2, 1], Read(file.ToJsonString().Replace("{\"type\":\"ByteLevel\"}", "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}", StringComparison.Ordinal)).Encode("abb"));
        var parent = place.Split('.') is [var first, _] ? file[first]! : file;
        parent[place.Split('.')[^1]] = JsonNode.Parse(value);

        var error = Assert.Throws<InvalidFileException>(() => Read(file.ToJsonString()));

        Assert.StartsWith("test.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"model\":{}}")]
    [InlineData("{\"model\":{},\"model\":{}}")]
    [InlineData("{\"model\":{\"vocab\":{\"\\ud800\":1},\"merges\":[]}}")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":1},\"merges\":[\"\\ud800 a\"]}}")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":1,\"a\":2},\"merges\":[]}}")]
    [InlineData("{\"\\ud800\":1}")]
    public void What_is_no_tokenizer_is_refused(string text) => Assert.Throws<InvalidFileException>(() => Read(text));

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Throws<InvalidFileException>(() => Tokenizer.Read(new MemoryStream([.. "{\"model\":\""u8, 0xFF, .. "\"}"u8]), "test.json"));

    [Fact]
    public void Damaged_files_give_a_tokenizer_that_works_or_a_clear_error()
    {
        var target = new TokenizerFuzz();
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20260101, number);
            Assert.Null(outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 99 / 100);
    }

    private static IEnumerable<int> Ids(JsonElement probe, string name) => probe.GetProperty(name).EnumerateArray().Select(id => id.GetInt32());

    private static Tokenizer Read(string text) => Tokenizer.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "test.json");

    private static string Written(Tokenizer tokenizer)
    {
        using var stream = new MemoryStream();
        tokenizer.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
