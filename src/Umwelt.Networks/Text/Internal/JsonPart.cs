// A value in a tokenizer.json and where it stands, so that every refusal names the place. It knows what an object may hold: a key that
// nobody here understands is refused by its name rather than passed over, because it would change the ids.
using System.Text;
using System.Text.Json;

using Umwelt.Storage;

namespace Umwelt.Networks.Text.Internal;

internal readonly struct JsonPart(JsonElement element, string file, string place)
{
    private const int LongestQuote = 80;

    public JsonElement Element => element;

    public JsonValueKind Kind => element.ValueKind;

    public bool IsNull => Kind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The JSON as it stands, "null" where there is none.</summary>
    public string Raw => IsNull ? "null" : element.GetRawText();

    public static string Quote(string text)
    {
        var quote = new StringBuilder("'");
        foreach (var c in text.Length > LongestQuote ? text.AsSpan(0, LongestQuote) : text)
        {
            quote.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return quote.Append(text.Length > LongestQuote ? "…'" : "'").ToString();
    }

    public InvalidFileException Wrong(string problem) => new(file, place.Length == 0 ? problem : $"{place} {problem}");

    /// <summary>The object with these keys and no others.</summary>
    public JsonPart Object(params ReadOnlySpan<string> known)
    {
        Require(JsonValueKind.Object, "an object");
        foreach (var property in element.EnumerateObject())
        {
            var name = Name(property);
            if (!known.Contains(name))
            {
                throw Wrong($"has the key {Quote(name)}, which is not supported; known are {string.Join(", ", known.ToArray())}");
            }
        }

        return this;
    }

    /// <summary>A value of this object; undefined where it is missing.</summary>
    public JsonPart this[string key] =>
        new(element.TryGetProperty(key, out var value) ? value : default, file, place.Length == 0 ? key : $"{place}.{key}");

    public IEnumerable<JsonPart> Items()
    {
        Require(JsonValueKind.Array, "an array");
        var index = 0;
        foreach (var item in element.EnumerateArray())
        {
            yield return new JsonPart(item, file, $"{place}[{index++}]");
        }
    }

    /// <summary>The "type" of this object.</summary>
    public string Type()
    {
        Require(JsonValueKind.Object, "an object");
        return this["type"].Text();
    }

    public string Text()
    {
        Require(JsonValueKind.String, "a string");
        return String(element);
    }

    /// <summary>A string in UTF-8, or what stands for a missing or null one.</summary>
    public byte[] Bytes() => Encoding.UTF8.GetBytes(Text());

    public string? TextOrNull() => IsNull ? null : Text();

    public bool Flag(bool otherwise) => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => otherwise,
        _ => throw Wrong("should be true or false"),
    };

    public int Number(int most)
    {
        if (Kind == JsonValueKind.Number && element.TryGetInt32(out var number) && number >= 0 && number <= most)
        {
            return number;
        }

        throw Wrong($"should be a whole number from 0 to {most}");
    }

    /// <summary>Refuses anything but null, false, 0 and "".</summary>
    public void Nothing()
    {
        var isNothing = Kind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined or JsonValueKind.False => true,
            JsonValueKind.String => element.ValueEquals(""),
            JsonValueKind.Number => element.TryGetDouble(out var number) && number == 0,
            _ => false,
        };
        if (!isNothing)
        {
            throw Wrong("is not supported; only null is");
        }
    }

    public string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("has a key that escapes half a surrogate pair");
        }
    }

    private string String(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("escapes half a surrogate pair");
        }
    }

    private void Require(JsonValueKind kind, string what)
    {
        if (Kind != kind)
        {
            throw Wrong(Kind == JsonValueKind.Undefined ? "is missing" : $"should be {what}");
        }
    }
}
