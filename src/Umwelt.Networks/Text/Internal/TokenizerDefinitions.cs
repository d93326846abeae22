// The tokenizers that this program makes itself: of bytes, of characters, and of merges learnt from text. What steers is said in the
// file's own language and read by the same reader, so that a tokenizer made here and the same one read back cannot differ.
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal static class TokenizerDefinitions
{
    private const string NoRegex = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""";
    private const string Gpt2Regex = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";
    private const string DecodeBytes = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";
    private const string DecodeCharacters = """{"type":"Fuse"}""";

    public static TokenizerDefinition OfBytes()
    {
        var spellings = new ByteStrings(256);
        for (var b = 0; b < 256; b++)
        {
            spellings.Add(Encoding.UTF8.GetBytes(ByteLevelAlphabet.Text([(byte)b])));
        }

        return Make(spellings, [], [], NoRegex, DecodeBytes);
    }

    public static TokenizerDefinition OfCharacters(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var spellings = new ByteStrings();
        foreach (var character in text.EnumerateRunes().Distinct().Order())
        {
            spellings.Add(Encoding.UTF8.GetBytes(character.ToString()));
        }

        return Make(spellings, [], [], "null", DecodeCharacters);
    }

    /// <summary>
    /// Special tokens first, then the bytes in the order of their characters, then one token for each merge: the numbers of
    /// Hugging Face's trainer. Merges name their tokens by number.
    /// </summary>
    public static TokenizerDefinition OfMerges(SplitPattern pattern, IReadOnlyList<string> special, IReadOnlyList<(int Left, int Right)> merges)
    {
        var spellings = new ByteStrings(special.Count + 256 + merges.Count);
        foreach (var token in special)
        {
            spellings.Add(Encoding.UTF8.GetBytes(token));
        }

        foreach (var b in ByteLevelAlphabet.InOrder)
        {
            spellings.Add(Encoding.UTF8.GetBytes(ByteLevelAlphabet.Text([b])));
        }

        var learnt = new Merge[merges.Count];
        for (var i = 0; i < learnt.Length; i++)
        {
            var (left, right) = merges[i];
            learnt[i] = new Merge(left, right, spellings.Add([.. spellings[left], .. spellings[right]]));
        }

        var added = special.Select((token, id) => new AddedToken(id, token) { IsSpecial = true }).ToList();
        return Make(spellings, learnt, added, SplittingOf(pattern), DecodeBytes);
    }

    private static TokenizerDefinition Make(ByteStrings spellings, Merge[] merges, List<AddedToken> added, string splitting, string decoding) => new()
    {
        Spellings = spellings,
        Ids = [.. Enumerable.Range(0, spellings.Count)],
        Merges = merges,
        Added = added,
        Normalizer = PartReader.Own("null", PartReader.Normalizer),
        Splitting = PartReader.Own(splitting, PartReader.Splitting),
        Frame = PartReader.Own("null", static part => PartReader.Frame(part, 0)),
        Decoding = PartReader.Own(decoding, part => PartReader.Decoding(part, isByteLevel: decoding == DecodeBytes)),
    };

    private static string SplittingOf(SplitPattern pattern)
    {
        if (pattern == SplitPattern.Gpt2)
        {
            return Gpt2Regex;
        }

        var regex = pattern == SplitPattern.Llama3 ? KnownPatterns.Llama3 : KnownPatterns.Qwen2;
        var escaped = System.Text.Json.JsonEncodedText.Encode(regex, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return $$"""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"{{escaped}}"},"behavior":"Isolated","invert":false},{{NoRegex}}]}""";
    }
}
