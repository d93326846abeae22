// Reads a tokenizer.json: the vocabulary, the merges and the added tokens here, what steers in PartReader. Nothing in the file is
// trusted: every refusal names the file and the place in it, and no number in it makes the reader allocate more than its length allows.
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

using Umwelt.Storage;

namespace Umwelt.Networks.Text.Internal;

internal static class TokenizerReader
{
    private const int LongestFile = 256 << 20;
    private const int DeepestNesting = 32;

    public static TokenizerDefinition Read(Stream stream, string name)
    {
        var text = ReadAll(stream, name);
        if (!Utf8.IsValid(text.Span))
        {
            throw new InvalidFileException(name, "is not valid UTF-8");
        }

        using var document = Parse(text, name);
        return Read(new JsonPart(document.RootElement, name, ""));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> text, string name)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DeepestNesting, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new InvalidFileException(name, $"its JSON is broken: {JsonPart.Quote(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidFileException(name, "its JSON is broken: a key escapes half a surrogate pair");
        }
    }

    private static ReadOnlyMemory<byte> ReadAll(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var bytes = new byte[stream.CanSeek ? Math.Clamp(stream.Length - stream.Position, 0, LongestFile) + 1 : 1 << 16];
        var count = 0;
        for (int read; (read = stream.Read(bytes, count, bytes.Length - count)) > 0;)
        {
            count += read;
            if (count > LongestFile)
            {
                throw new InvalidFileException(name, $"is longer than the {LongestFile} bytes that a tokenizer may have");
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }

        return bytes.AsMemory(0, count);
    }

    private static TokenizerDefinition Read(JsonPart file)
    {
        file.Object("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        if (file["version"].TextOrNull() is { } version and not "1.0")
        {
            throw file["version"].Wrong($"is {JsonPart.Quote(version)}; only 1.0 is supported");
        }

        file["truncation"].Nothing();
        file["padding"].Nothing();
        var model = file["model"];
        model.Object(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        if (model["type"].TextOrNull() is { } type and not "BPE")
        {
            throw model["type"].Wrong($"is {JsonPart.Quote(type)}, which is not supported; only BPE is");
        }

        model["dropout"].Nothing();
        model["continuing_subword_prefix"].Nothing();
        model["end_of_word_suffix"].Nothing();
        var (spellings, ids) = ReadVocabulary(model["vocab"]);
        var added = ReadAdded(file["added_tokens"], spellings, ids);
        var splitting = PartReader.Splitting(file["pre_tokenizer"]);
        return new TokenizerDefinition
        {
            Spellings = spellings,
            Ids = ids,
            Merges = ReadMerges(model["merges"], spellings, ids),
            Added = added,
            Normalizer = PartReader.Normalizer(file["normalizer"]),
            Splitting = splitting,
            Frame = PartReader.Frame(file["post_processor"], MostId(ids.Length + added.Count)),
            Decoding = PartReader.Decoding(file["decoder"], splitting.Meaning is [.., ByteLevelStage]),
            Unknown = ReadUnknown(model["unk_token"], spellings, ids, added),
            FusesUnknown = model["fuse_unk"].Flag(otherwise: false),
            FallsBackToBytes = model["byte_fallback"].Flag(otherwise: false),
            IgnoresMerges = model["ignore_merges"].Flag(otherwise: false),
        };
    }

    // Ids may have gaps, but tables by id must stay in proportion to the file.
    private static int MostId(int tokens) => (int)Math.Min((tokens * 16L) + 65535, int.MaxValue - 1);

    private static (ByteStrings Spellings, int[] Ids) ReadVocabulary(JsonPart vocabulary)
    {
        if (vocabulary.Kind != JsonValueKind.Object)
        {
            throw vocabulary.Wrong(vocabulary.IsNull ? "is missing" : "should be an object");
        }

        var count = vocabulary.Element.GetPropertyCount();
        var (spellings, ids, most) = (new ByteStrings(count), new int[count], MostId(count));
        var taken = new HashSet<int>(count);
        foreach (var property in vocabulary.Element.EnumerateObject())
        {
            var raw = JsonMarshal.GetRawUtf8PropertyName(property);
            var index = raw.Contains((byte)'\\') ? spellings.Add(Encoding.UTF8.GetBytes(vocabulary.Name(property))) : spellings.Add(raw);
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var id) || id < 0 || id > most)
            {
                throw vocabulary.Wrong($"gives {JsonPart.Quote(vocabulary.Name(property))} no number from 0 to {most}");
            }

            if (!taken.Add(id))
            {
                throw vocabulary.Wrong($"gives {JsonPart.Quote(vocabulary.Name(property))} the number {id}, which another token has");
            }

            ids[index] = id;
        }

        return (spellings, ids);
    }

    private static Merge[] ReadMerges(JsonPart part, ByteStrings spellings, int[] ids)
    {
        if (part.Kind != JsonValueKind.Array)
        {
            throw part.Wrong(part.IsNull ? "is missing" : "should be an array");
        }

        var merges = new Merge[part.Element.GetArrayLength()];
        var joined = new GrowingBytes();
        var rank = 0;
        foreach (var item in part.Element.EnumerateArray())
        {
            joined.Clear();
            if (!TryPair(item, joined, out var middle))
            {
                throw part.Wrong($"has at place {rank} no pair of tokens: neither \"a b\" with one space nor [\"a\", \"b\"]");
            }

            var left = joined.Written[..middle];
            var right = joined.Written[middle..];
            var (leftIndex, rightIndex, index) = (spellings.Find(left), spellings.Find(right), spellings.Find(joined.Written));
            if (leftIndex < 0 || rightIndex < 0 || index < 0)
            {
                var lacking = leftIndex < 0 ? left : rightIndex < 0 ? right : joined.Written;
                throw part.Wrong($"needs at place {rank} the token {JsonPart.Quote(Encoding.UTF8.GetString(lacking))}, which the vocabulary lacks");
            }

            merges[rank++] = new Merge(ids[leftIndex], ids[rightIndex], ids[index]);
        }

        return merges;
    }

    private static bool TryPair(JsonElement item, GrowingBytes joined, out int middle)
    {
        middle = 0;
        if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2)
        {
            if (!TryAdd(item[0], joined))
            {
                return false;
            }

            middle = joined.Count;
            return TryAdd(item[1], joined);
        }

        if (!TryAdd(item, joined))
        {
            return false;
        }

        middle = joined.Written.IndexOf((byte)' ');
        if (middle < 0 || joined.Written[(middle + 1)..].Contains((byte)' '))
        {
            return false;
        }

        joined.RemoveAt(middle);
        return true;
    }

    private static bool TryAdd(JsonElement item, GrowingBytes joined)
    {
        if (item.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        var raw = JsonMarshal.GetRawUtf8Value(item)[1..^1];
        if (!raw.Contains((byte)'\\'))
        {
            joined.Add(raw);
            return true;
        }

        try
        {
            joined.Add(Encoding.UTF8.GetBytes(item.GetString()!));
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static List<AddedToken> ReadAdded(JsonPart part, ByteStrings spellings, int[] ids)
    {
        var tokens = new List<AddedToken>();
        if (part.IsNull)
        {
            return tokens;
        }

        var most = MostId(ids.Length + (part.Kind == JsonValueKind.Array ? part.Element.GetArrayLength() : 0));
        var (taken, contents) = (new HashSet<int>(ids), new HashSet<string>(StringComparer.Ordinal));
        foreach (var item in part.Items())
        {
            item.Object("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            var isSpecial = item["special"].Flag(otherwise: false);
            var token = new AddedToken(item["id"].Number(most), item["content"].Text())
            {
                IsSpecial = isSpecial,
                SingleWord = item["single_word"].Flag(otherwise: false),
                StripsLeft = item["lstrip"].Flag(otherwise: false),
                StripsRight = item["rstrip"].Flag(otherwise: false),
                Normalized = item["normalized"].Flag(otherwise: !isSpecial),
            };
            if (token.Content.Length == 0)
            {
                throw item["content"].Wrong("is empty");
            }

            var index = spellings.Find(Encoding.UTF8.GetBytes(token.Content));
            if (!contents.Add(token.Content) || (index >= 0 ? ids[index] != token.Id : !taken.Add(token.Id)))
            {
                throw item.Wrong($"gives {JsonPart.Quote(token.Content)} the number {token.Id}, but it has another one or another token has this");
            }

            tokens.Add(token);
        }

        return tokens;
    }

    private static int ReadUnknown(JsonPart part, ByteStrings spellings, int[] ids, List<AddedToken> added)
    {
        if (part.TextOrNull() is not { Length: > 0 } unknown)
        {
            return -1;
        }

        var index = spellings.Find(Encoding.UTF8.GetBytes(unknown));
        return index >= 0 ? ids[index]
            : added.Find(token => string.Equals(token.Content, unknown, StringComparison.Ordinal))?.Id
            ?? throw part.Wrong($"is {JsonPart.Quote(unknown)}, which the vocabulary lacks");
    }
}
