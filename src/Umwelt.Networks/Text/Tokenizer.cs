// Text to tokens and back. Text is bytes: what is no UTF-8 is encoded too, and a byte-level vocabulary gives every text back exactly.
// A tokenizer never changes and any number of threads may use it at once; encoding allocates nothing but what the caller's list needs.
using System.Buffers;
using System.Text;

using Umwelt.Networks.Text.Internal;
using Umwelt.Storage;

namespace Umwelt.Networks.Text;

/// <summary>A byte-pair tokenizer, with bytes alone and characters alone as the simplest cases.</summary>
public sealed class Tokenizer
{
    private readonly TokenizerDefinition _definition;
    private readonly EncoderTables _tables;
    private readonly TokenBytes _tokens;
    private readonly TextEncoder?[] _idle = new TextEncoder?[Environment.ProcessorCount];

    internal Tokenizer(TokenizerDefinition definition)
    {
        _definition = definition;
        _tables = new EncoderTables(definition);
        _tokens = new TokenBytes(definition);
        IsLossless = definition.IsByteLevel && _tables.HasAllBytes && definition.Normalizer.Meaning.Count == 0
            && definition.Splitting.Meaning.All(stage => stage is CutStage or ByteLevelStage { AddsSpace: false })
            && definition.Added.All(GivesItselfBack);
    }

    /// <summary>The name a tokenizer's file has in a model's folder.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>How many tokens there are: ids are below it.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Whether any bytes at all, encoded with <see cref="SpecialTokens.AsText"/> and decoded, come back as they were.</summary>
    /// <remarks>Others normalise, put a space first, or leave out characters that they lack.</remarks>
    public bool IsLossless { get; }

    /// <summary>Tokens that stand in a text as a whole, the special ones among them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _definition.Added;

    /// <summary>The tokens that the tokenizer's template puts before every text, such as one that begins it.</summary>
    public IReadOnlyList<int> Prefix => _definition.Frame.Meaning.Before;

    /// <summary>Reads a tokenizer.json; <see cref="InvalidFileException"/> says what is wrong with it or not supported.</summary>
    public static Tokenizer Read(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads a tokenizer.json from a stream; <paramref name="name"/> is used in errors.</summary>
    public static Tokenizer Read(Stream stream, string name) => new(TokenizerReader.Read(stream, name));

    /// <summary>One token for each byte, which is its number.</summary>
    public static Tokenizer OfBytes() => new(TokenizerDefinitions.OfBytes());

    /// <summary>One token for each character that occurs in this text, in order of their code; encoding leaves out all others.</summary>
    public static Tokenizer OfCharacters(string text) => new(TokenizerDefinitions.OfCharacters(text));

    /// <summary>Writes a tokenizer.json, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes a tokenizer.json.</summary>
    public void Write(Stream stream) => TokenizerWriter.Write(_definition, stream);

    /// <summary>Appends the tokens of a text in UTF-8, or of any other bytes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Where they are appended; nothing is, if special tokens are refused and there are some.</param>
    /// <param name="specials">What the spelling of a special token means.</param>
    /// <param name="framed">Whether to put those tokens around the text that the tokenizer's template has, such as one that begins it.</param>
    public void Encode(ReadOnlySpan<byte> text, List<int> tokens, SpecialTokens specials = SpecialTokens.AsText, bool framed = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var count = tokens.Count;
        var encoder = Rent();
        try
        {
            tokens.AddRange(framed ? _definition.Frame.Meaning.Before : []);
            encoder.Encode(text, tokens, specials);
            tokens.AddRange(framed ? _definition.Frame.Meaning.After : []);
        }
        catch (ArgumentException)
        {
            tokens.RemoveRange(count, tokens.Count - count);
            throw;
        }
        finally
        {
            Return(encoder);
        }
    }

    /// <summary>Appends the tokens of a text; half a surrogate pair is read as U+FFFD.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, List{int}, SpecialTokens, bool)"/>
    public void Encode(ReadOnlySpan<char> text, List<int> tokens, SpecialTokens specials = SpecialTokens.AsText, bool framed = false)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            Encode(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), tokens, specials, framed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The tokens of a text.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{byte}, List{int}, SpecialTokens, bool)"/>
    public int[] Encode(string text, SpecialTokens specials = SpecialTokens.AsText, bool framed = false)
    {
        var tokens = new List<int>();
        Encode(text, tokens, specials, framed);
        return [.. tokens];
    }

    /// <summary>Writes the bytes that these tokens stand for.</summary>
    public void Decode(ReadOnlySpan<int> tokens, IBufferWriter<byte> destination, bool skipSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var state = new DecodingState(_definition.Decoding.Meaning);
        foreach (var token in tokens)
        {
            var bytes = _tokens[token];
            if (!skipSpecial || !_tokens.IsSpecial(token))
            {
                state.Append(bytes, destination);
            }
        }
    }

    /// <summary>The text that these tokens stand for, with U+FFFD where they are no UTF-8.</summary>
    public string Decode(ReadOnlySpan<int> tokens, bool skipSpecial = false)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Decode(tokens, bytes, skipSpecial);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Begins to decode tokens that come one after another.</summary>
    public TokenDecoder StartDecoding(bool skipSpecial = false) => new(_tokens, _definition.Decoding.Meaning, skipSpecial);

    /// <summary>The bytes that a token stands for within a text; none for a number that the vocabulary leaves out.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => _tokens[token];

    /// <summary>Whether a token is special: it steers and is no text.</summary>
    public bool IsSpecial(int token) => _tokens.IsSpecial(token);

    /// <summary>The number of the added token that is spelt like this, or -1.</summary>
    public int Find(string addedToken) =>
        _definition.Added.FirstOrDefault(token => string.Equals(token.Content, addedToken, StringComparison.Ordinal))?.Id ?? -1;

    // An added token takes neither blanks with it nor the place of a token of other bytes that is spelt alike in GPT-2's alphabet.
    private bool GivesItselfBack(AddedToken token)
    {
        var content = Encoding.UTF8.GetBytes(token.Content);
        var bytes = new byte[content.Length];
        return !token.StripsLeft && !token.StripsRight
            && (!ByteLevelAlphabet.TryBytes(content, bytes, out var count) || content.AsSpan().SequenceEqual(bytes.AsSpan(0, count)));
    }

    private TextEncoder Rent()
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } encoder)
            {
                return encoder;
            }
        }

        return new TextEncoder(_tables);
    }

    private void Return(TextEncoder encoder)
    {
        foreach (ref var slot in _idle.AsSpan())
        {
            if (Interlocked.CompareExchange(ref slot, encoder, null) is null)
            {
                return;
            }
        }
    }
}
