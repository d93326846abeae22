// An object of somebody else's JSON configuration: values are taken by name and checked as they are taken, every refusal names
// the file and the key, and what nobody took can be told afterwards.
using System.Text.Json;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.Text.Llama;

internal sealed class ConfigObject
{
    private const int LongestFile = 16 << 20;
    private const int DeepestNesting = 32;
    private const int LongestQuote = 80;
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _place;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private ConfigObject(JsonElement element, string file, string place)
    {
        _element = element;
        _file = file;
        _place = place;
    }

    /// <summary>Keys that hold something and that nobody took.</summary>
    public IReadOnlyList<string> Untaken => [.. _element.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null && !_taken.Contains(property.Name)).Select(property => Printable(property.Name))];

    /// <summary>Reads a file whose root is an object.</summary>
    public static ConfigObject Read(Stream stream, string file)
    {
        var bytes = new byte[stream.CanSeek ? Math.Clamp(stream.Length - stream.Position, 0, LongestFile) + 1 : 4096];
        var count = 0;
        for (int read; (read = stream.Read(bytes, count, bytes.Length - count)) > 0;)
        {
            count += read;
            if (count > LongestFile)
            {
                throw new InvalidFileException(file, $"is longer than the {LongestFile} bytes that a configuration may have");
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, count), new JsonDocumentOptions { MaxDepth = DeepestNesting, AllowDuplicateProperties = false });
            CheckTexts(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigObject(document.RootElement.Clone(), file, "")
                : throw new InvalidFileException(file, "should be a JSON object");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(file, $"its JSON is broken: {Quote(error.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidFileException(file, "its JSON is broken: a text is no UTF-8 or escapes half a surrogate pair");
        }
    }

    public static string Quote(string text) => $"'{Printable(text)}'";

    public InvalidFileException Wrong(string key, string problem) => new(_file, $"{Place(key)} {problem}");

    /// <summary>Whether the key is there, be it null.</summary>
    public bool Says(string key) => _element.TryGetProperty(key, out _);

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Take(key).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Says that it does not matter what these hold.</summary>
    public void PassOver(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            _taken.Add(key);
        }
    }

    /// <summary>A whole number; what stands for a missing one, where it may be missing.</summary>
    public int Whole(string key, int least, int most, int? otherwise = null)
    {
        var value = Take(key);
        return IsMissing(value) ? otherwise ?? throw Wrong(key, "is missing")
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
            : throw Wrong(key, $"should be a whole number from {least} to {most}, not {Quote(value.GetRawText())}");
    }

    /// <summary>A number above 0; what stands for a missing one, where it may be missing.</summary>
    public float Positive(string key, float? otherwise = null)
    {
        var value = Take(key);
        return IsMissing(value) ? otherwise ?? throw Wrong(key, "is missing")
            : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number) && number > 0 ? number
            : throw Wrong(key, $"should be a number above 0, not {Quote(value.GetRawText())}");
    }

    public bool Flag(string key, bool otherwise)
    {
        var value = Take(key);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Null or JsonValueKind.Undefined => otherwise,
            _ => throw Wrong(key, $"should be true or false, not {Quote(value.GetRawText())}"),
        };
    }

    public string? Text(string key)
    {
        var value = Take(key);
        return IsMissing(value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw Wrong(key, $"should be a string, not {Quote(value.GetRawText())}");
    }

    /// <summary>The texts of an array; null where it is missing.</summary>
    public IReadOnlyList<string>? Texts(string key)
    {
        var value = Take(key);
        return IsMissing(value) ? null
            : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Wrong(key, $"should be an array of strings, not {Quote(value.GetRawText())}");
    }

    /// <summary>A whole number or an array of them; empty where it is missing.</summary>
    public IReadOnlyList<int> Numbers(string key, int most)
    {
        var value = Take(key);
        JsonElement[] items = IsMissing(value) ? [] : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return Array.ConvertAll(items, item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) && number >= 0 && number <= most
            ? number
            : throw Wrong(key, $"should hold whole numbers from 0 to {most}, not {Quote(item.GetRawText())}"));
    }

    /// <summary>An object within this one; null where it is missing.</summary>
    public ConfigObject? Object(string key)
    {
        var value = Take(key);
        return IsMissing(value) ? null
            : value.ValueKind == JsonValueKind.Object ? new ConfigObject(value, _file, Place(key))
            : throw Wrong(key, $"should be an object, not {Quote(value.GetRawText())}");
    }

    // Strings that are no text are found here, once, so that no later look at one throws.
    private static void CheckTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    CheckTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckTexts(property.Value);
                }

                break;
        }
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(LongestQuote).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)) + (text.Length > LongestQuote ? "…" : "");

    private static bool IsMissing(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private JsonElement Take(string key)
    {
        _taken.Add(key);
        return _element.TryGetProperty(key, out var value) ? value : default;
    }

    private string Place(string key) => _place.Length == 0 ? key : $"{_place}.{key}";
}
