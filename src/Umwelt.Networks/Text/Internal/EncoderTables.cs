// What encoders of one tokenizer look up and none changes: the first token of each character or byte, the table of merges, the tokens
// of whole words, the finders of added tokens. Made once from the definition and shared by all threads.
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal sealed class EncoderTables
{
    private readonly TokenizerDefinition _definition;

    // The token of each single byte: of the byte itself where text is bytes, of the ASCII character where it is not. -1 for none.
    private readonly int[] _single = Enumerable.Repeat(-1, 256).ToArray();

    // The tokens spelt "<0x00>" to "<0xFF>", or null.
    private readonly int[]? _fallback;

    // Tokens of byte-level vocabularies by the bytes they stand for, where whole words count.
    private readonly ByteStrings? _words;
    private readonly int[] _wordIds = [];

    public EncoderTables(TokenizerDefinition definition)
    {
        _definition = definition;
        Merges = new MergeTable(definition.Merges);
        Normalizer = definition.Normalizer.Meaning;
        Stages = WithWords(definition);
        RawTokens = AddedTokenFinder.Of(definition.Added.Where(token => !token.Normalized), Encoding.UTF8.GetBytes);
        NormalisedTokens = AddedTokenFinder.Of(definition.Added.Where(token => token.Normalized), Normalise);
        if (definition is { IsByteLevel: true, IgnoresMerges: true })
        {
            _words = new ByteStrings(definition.Ids.Length);
            _wordIds = new int[definition.Ids.Length];
        }

        Span<byte> first = stackalloc byte[4];
        for (var i = 0; i < definition.Ids.Length; i++)
        {
            var spelling = definition.Spellings[i];
            if (!definition.IsByteLevel)
            {
                if (spelling.Length == 1)
                {
                    _single[spelling[0]] = definition.Ids[i];
                }
            }
            else if (_words is not null)
            {
                var bytes = new byte[spelling.Length];
                if (ByteLevelAlphabet.TryBytes(spelling, bytes, out var count))
                {
                    _wordIds[_words.Add(bytes.AsSpan(0, count))] = definition.Ids[i];
                }
            }
            else if (spelling.Length <= first.Length && ByteLevelAlphabet.TryBytes(spelling, first, out var count) && count == 1)
            {
                _single[first[0]] = definition.Ids[i];
            }
        }

        for (var b = 0; b < 256 && _words is not null; b++)
        {
            _single[b] = _words.Find([(byte)b]) is >= 0 and var word ? _wordIds[word] : -1;
        }

        _fallback = definition.FallsBackToBytes ? Fallback() : null;
    }

    public MergeTable Merges { get; }

    public IReadOnlyList<NormalizerStep> Normalizer { get; }

    public IReadOnlyList<SplitStage> Stages { get; }

    public AddedTokenFinder? RawTokens { get; }

    public AddedTokenFinder? NormalisedTokens { get; }

    /// <summary>Whether every text has tokens that hold all of it, apart from what a normalizer changes.</summary>
    public bool HasAllBytes => _definition.IsByteLevel ? !_single.Contains(-1) : _fallback is not null && !_fallback.Contains(-1);

    /// <summary>The token that a whole word is, where such tokens count, or -1.</summary>
    public int WholeWord(ReadOnlySpan<byte> word)
    {
        if (!_definition.IgnoresMerges)
        {
            return -1;
        }

        if (_words is not null)
        {
            return _words.Find(word) is >= 0 and var index ? _wordIds[index] : -1;
        }

        return IdOf(word);
    }

    /// <summary>Writes the tokens of a word's characters, or of its bytes, and returns their number: never more than the word has bytes.</summary>
    public int Symbols(ReadOnlySpan<byte> word, Span<int> tokens)
    {
        var count = 0;
        if (_definition.IsByteLevel)
        {
            foreach (var b in word)
            {
                var token = _single[b];
                if (token >= 0)
                {
                    tokens[count++] = token;
                }
                else
                {
                    AddUnknown(tokens, ref count);
                }
            }

            return count;
        }

        while (!word.IsEmpty)
        {
            var isCharacter = Rune.DecodeFromUtf8(word, out _, out var length) == OperationStatus.Done;
            var character = word[..length];
            word = word[length..];
            var token = length == 1 ? (isCharacter ? _single[character[0]] : -1) : isCharacter ? IdOf(character) : -1;
            if (token >= 0)
            {
                tokens[count++] = token;
            }
            else if (!TryFallBack(character, tokens, ref count))
            {
                AddUnknown(tokens, ref count);
            }
        }

        return count;
    }

    // A whole text as one piece would be merged as one. Where no token holds a mark after something else, no merge reaches
    // across the place before a run of marks, and cutting there gives the same tokens from words that a cache can hold.
    private static IReadOnlyList<SplitStage> WithWords(TokenizerDefinition definition)
    {
        var mark = "▁"u8.ToArray();
        if (definition is not { IsByteLevel: false, IgnoresMerges: false } || definition.Splitting.Meaning.Count > 0 || definition.Spellings.Find(mark) < 0)
        {
            return definition.Splitting.Meaning;
        }

        for (var i = 0; i < definition.Ids.Length; i++)
        {
            var spelling = definition.Spellings[i];
            while (spelling.StartsWith(mark))
            {
                spelling = spelling[mark.Length..];
            }

            if (spelling.IndexOf(mark) >= 0)
            {
                return [];
            }
        }

        return [new CutStage(new MarkSplitter(mark, keepsRuns: true))];
    }

    private bool TryFallBack(ReadOnlySpan<byte> character, Span<int> tokens, ref int count)
    {
        if (_fallback is null)
        {
            return false;
        }

        foreach (var b in character)
        {
            if (_fallback[b] < 0)
            {
                return false;
            }
        }

        foreach (var b in character)
        {
            tokens[count++] = _fallback[b];
        }

        return true;
    }

    private void AddUnknown(Span<int> tokens, ref int count)
    {
        var unknown = _definition.Unknown;
        if (unknown >= 0 && !(_definition.FusesUnknown && count > 0 && tokens[count - 1] == unknown))
        {
            tokens[count++] = unknown;
        }
    }

    private int IdOf(ReadOnlySpan<byte> spelling) => _definition.Spellings.Find(spelling) is >= 0 and var index ? _definition.Ids[index] : -1;

    private int[] Fallback() =>
        [.. Enumerable.Range(0, 256).Select(b => IdOf(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"))))];

    private byte[] Normalise(string content)
    {
        var text = new GrowingBytes();
        text.Add(Encoding.UTF8.GetBytes(content));
        foreach (var step in Normalizer)
        {
            var next = new GrowingBytes();
            switch (step)
            {
                case NfcStep:
                    new Nfc().Append(text.Written, next);
                    break;
                case PrependStep prepend:
                    next.Add(prepend.Content);
                    next.Add(text.Written);
                    break;
                case ReplaceStep replace:
                    next.AddReplaced(text.Written, replace.From, replace.To);
                    break;
            }

            text = next;
        }

        return text.Written.ToArray();
    }
}
