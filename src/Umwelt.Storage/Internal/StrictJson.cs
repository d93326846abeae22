// A JSON reader for untrusted headers: every refusal is an InvalidFileException that names the file and the byte.
// It walks the bytes once and keeps nothing; depth is bounded, comments and trailing commas are refused.
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Umwelt.Storage.Internal;

internal ref struct StrictJson
{
    private readonly string _path;
    private readonly long _start;
    private Utf8JsonReader _reader;

    /// <summary>Checks the encoding and stands before the first token; <paramref name="start"/> is where the text begins in the file.</summary>
    public StrictJson(ReadOnlySpan<byte> text, string path, long start)
    {
        _path = path;
        _start = start;
        if (text.IsEmpty || text[0] != (byte)'{')
        {
            throw new InvalidFileException(path, "its JSON does not begin with '{'", start);
        }

        if (!Utf8.IsValid(text))
        {
            throw new InvalidFileException(path, "its JSON is not valid UTF-8", start + FirstInvalid(text));
        }

        _reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 8 });
    }

    public readonly JsonTokenType Token => _reader.TokenType;

    /// <summary>The file's byte at which the current token begins.</summary>
    public readonly long Offset => _start + _reader.TokenStartIndex;

    public readonly ReadOnlySpan<byte> Raw => _reader.ValueSpan;

    public readonly InvalidFileException Wrong(string problem) => new(_path, problem, Offset);

    /// <summary>Goes to the next token, which must be there.</summary>
    public void Next()
    {
        try
        {
            if (!_reader.Read())
            {
                throw new InvalidFileException(_path, "its JSON ends too early", _start + _reader.BytesConsumed);
            }
        }
        catch (JsonException e)
        {
            throw new InvalidFileException(_path, $"its JSON is broken: {Brief(e)}", _start + _reader.BytesConsumed);
        }
    }

    /// <summary>Nothing but white space may follow.</summary>
    public void ExpectEnd()
    {
        try
        {
            if (_reader.Read())
            {
                throw Wrong("something follows the end of its JSON");
            }
        }
        catch (JsonException e)
        {
            throw new InvalidFileException(_path, $"something follows the end of its JSON: {Brief(e)}", _start + _reader.BytesConsumed);
        }
    }

    /// <summary>Goes to the next token, which must be of this kind. What it is and whose are told apart, so that only an error builds text.</summary>
    public void Expect(JsonTokenType token, string what, string owner)
    {
        Next();
        if (_reader.TokenType != token)
        {
            throw Wrong($"{Called(what, owner)} should be {NameOf(token)} but is {NameOf(_reader.TokenType)}");
        }
    }

    /// <summary>The current string or property name.</summary>
    public readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidFileException(_path, "a string escapes half a surrogate pair", Offset, e);
        }
    }

    /// <summary>The current token as an integer of digits alone: no sign, fraction or exponent, below 2^63.</summary>
    public readonly long Natural(string what, string owner)
    {
        if (_reader.TokenType != JsonTokenType.Number)
        {
            throw Wrong($"{Called(what, owner)} should be a number but is {NameOf(_reader.TokenType)}");
        }

        var value = 0L;
        foreach (var digit in _reader.ValueSpan)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                throw Wrong($"{Called(what, owner)} should be a whole number from 0 on, not {Quoted.Of(_reader.ValueSpan)}");
            }

            var next = (value * 10) + (digit - '0');
            if (value > (long.MaxValue / 10) || next < 0)
            {
                throw Wrong($"{Called(what, owner)} is too large: {Quoted.Of(_reader.ValueSpan)}");
            }

            value = next;
        }

        return value;
    }

    private static string Called(string what, string owner) => owner.Length == 0 ? what : $"{what} {Quoted.Of(owner)}";

    // The parser's message can hold a part of the text of any length; it is not kept as the inner exception for the same reason.
    private static string Brief(JsonException e) => Quoted.Of(e.Message);

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndObject or JsonTokenType.EndArray => "missing",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        JsonTokenType.Null => "null",
        _ => "something else",
    };

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
