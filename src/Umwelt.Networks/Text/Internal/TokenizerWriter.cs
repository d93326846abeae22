// Writes a tokenizer.json that Hugging Face's tokenizers read: what steers as it was read, the vocabulary in order of its numbers.
// Merges are written as pairs, since a token may hold a space.
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Umwelt.Networks.Text.Internal;

internal static class TokenizerWriter
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TokenizerDefinition definition, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAdded(json, definition.Added);
        WritePart(json, "normalizer", definition.Normalizer.Json);
        WritePart(json, "pre_tokenizer", definition.Splitting.Json);
        WritePart(json, "post_processor", definition.Frame.Json);
        WritePart(json, "decoder", definition.Decoding.Json);
        WriteModel(json, definition);
        json.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter json, IReadOnlyList<AddedToken> tokens)
    {
        json.WriteStartArray("added_tokens");
        foreach (var token in tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.StripsLeft);
            json.WriteBoolean("rstrip", token.StripsRight);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.IsSpecial);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value);
    }

    private static void WriteModel(Utf8JsonWriter json, TokenizerDefinition definition)
    {
        var order = Enumerable.Range(0, definition.Ids.Length).ToArray();
        Array.Sort((int[])definition.Ids.Clone(), order);
        var spellings = new Dictionary<int, int>(order.Length);
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (definition.Unknown >= 0)
        {
            json.WriteString("unk_token", SpellingOfUnknown(definition));
        }
        else
        {
            json.WriteNull("unk_token");
        }

        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", definition.FusesUnknown);
        json.WriteBoolean("byte_fallback", definition.FallsBackToBytes);
        json.WriteBoolean("ignore_merges", definition.IgnoresMerges);
        json.WriteStartObject("vocab");
        foreach (var index in order)
        {
            json.WriteNumber(definition.Spellings[index], definition.Ids[index]);
            spellings.Add(definition.Ids[index], index);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var merge in definition.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(definition.Spellings[spellings[merge.Left]]);
            json.WriteStringValue(definition.Spellings[spellings[merge.Right]]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string SpellingOfUnknown(TokenizerDefinition definition)
    {
        var index = Array.IndexOf(definition.Ids, definition.Unknown);
        return index >= 0
            ? System.Text.Encoding.UTF8.GetString(definition.Spellings[index])
            : definition.Added.First(token => token.Id == definition.Unknown).Content;
    }
}
