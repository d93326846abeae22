// Reads the parts of a tokenizer.json that steer: how text is normalised and cut, what stands around it, how tokens become text again.
// What is understood is done exactly as the file says; all else is refused by its name.
using System.Text.Json;

namespace Umwelt.Networks.Text.Internal;

internal static class PartReader
{
    private const int MostStages = 16;
    private const int MostNormalizers = 4;
    private const int MostDroppedSpaces = 16;
    private const int LongestPrefix = 64;

    // A replacement may grow text no more than this, so that a few of them cannot make gigabytes of a page.
    private const int MostGrowth = 4;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>Reads JSON that is part of this program.</summary>
    public static T Own<T>(string json, Func<JsonPart, T> read)
    {
        using var document = JsonDocument.Parse(json, Options);
        return read(new JsonPart(document.RootElement, Tokenizer.FileName, ""));
    }

    public static Part<IReadOnlyList<NormalizerStep>> Normalizer(JsonPart part)
    {
        var steps = new List<NormalizerStep>();
        AddNormalizer(part, steps);
        return steps.Count > MostNormalizers ? throw part.Wrong($"has more than {MostNormalizers} steps") : new(part.Raw, steps);
    }

    public static Part<IReadOnlyList<SplitStage>> Splitting(JsonPart part)
    {
        var stages = new List<SplitStage>();
        AddStage(part, stages);
        if (stages.Count > MostStages)
        {
            throw part.Wrong($"has more than {MostStages} steps");
        }

        var byteLevel = stages.FindIndex(stage => stage is ByteLevelStage);
        return byteLevel >= 0 && byteLevel < stages.Count - 1
            ? throw part.Wrong("goes on after ByteLevel, which is not supported")
            : new(part.Raw, stages);
    }

    public static Part<Frame> Frame(JsonPart part, int mostId)
    {
        Frame? frame = null;
        AddFrame(part, mostId, ref frame);
        return new(part.Raw, frame ?? new Frame([], []));
    }

    public static Part<Decoding> Decoding(JsonPart part, bool isByteLevel)
    {
        var (isFused, decodesBytes) = (false, false);
        var replacements = new List<(byte[] From, byte[] To)>();
        var decoding = new Decoding { Replacements = replacements };
        AddDecoder(part, replacements, ref decoding, ref isFused, ref decodesBytes);
        return !part.IsNull && decodesBytes != isByteLevel
            ? throw part.Wrong("does not fit the pre_tokenizer: only both or neither may be ByteLevel")
            : new(part.Raw, decoding);
    }

    private static void AddNormalizer(JsonPart part, List<NormalizerStep> steps)
    {
        if (part.IsNull)
        {
            return;
        }

        switch (part.Type())
        {
            case "Sequence":
                foreach (var item in part.Object("type", "normalizers")["normalizers"].Items())
                {
                    AddNormalizer(item, steps);
                }

                break;
            case "NFC":
                part.Object("type");
                steps.Add(new NfcStep());
                break;
            case "Prepend":
                var prefix = part.Object("type", "prepend")["prepend"];
                steps.Add(prefix.Bytes() is { Length: <= LongestPrefix } bytes
                    ? new PrependStep(bytes) : throw prefix.Wrong($"is longer than the {LongestPrefix} bytes that are supported"));
                break;
            case "Replace":
                var (from, to) = Replacement(part);
                steps.Add(to.Length <= MostGrowth * from.Length
                    ? new ReplaceStep(from, to) : throw part["content"].Wrong($"is more than {MostGrowth} times as long as what it replaces, which is not supported"));
                break;
            case var other:
                throw part.Wrong($"is {JsonPart.Quote(other)}, which is not supported; known are NFC, Prepend, Replace and Sequence");
        }
    }

    private static (byte[] From, byte[] To) Replacement(JsonPart part)
    {
        part.Object("type", "pattern", "content");
        var from = part["pattern"].Object("String")["String"];
        return from.Bytes() is { Length: > 0 } bytes ? (bytes, part["content"].Bytes()) : throw from.Wrong("is empty");
    }

    private static void AddStage(JsonPart part, List<SplitStage> stages)
    {
        if (part.IsNull)
        {
            return;
        }

        switch (part.Type())
        {
            case "Sequence":
                foreach (var item in part.Object("type", "pretokenizers")["pretokenizers"].Items())
                {
                    AddStage(item, stages);
                }

                break;
            case "ByteLevel":
                part.Object("type", "add_prefix_space", "trim_offsets", "use_regex");
                stages.Add(new ByteLevelStage(
                    part["add_prefix_space"].Flag(otherwise: true), part["use_regex"].Flag(otherwise: true) ? new Gpt2Splitter() : null));
                break;
            case "Split":
                stages.Add(new CutStage(SplitterOf(part.Object("type", "pattern", "behavior", "invert"))));
                break;
            case "Digits":
                stages.Add(new CutStage(new DigitSplitter(part.Object("type", "individual_digits")["individual_digits"].Flag(otherwise: false))));
                break;
            case "Metaspace":
                var (mark, prefix) = Metaspace(part);
                stages.Add(new MetaspaceStage(mark, prefix, part["split"].Flag(otherwise: true) ? new MarkSplitter(mark, keepsRuns: false) : null));
                break;
            case var other:
                throw part.Wrong($"is {JsonPart.Quote(other)}, which is not supported; known are ByteLevel, Digits, Metaspace, Sequence and Split");
        }
    }

    private static Splitter SplitterOf(JsonPart part)
    {
        var regex = part["pattern"].Object("Regex")["Regex"];
        var pattern = KnownPatterns.Of(regex.Text())
            ?? throw regex.Wrong($"is {JsonPart.Quote(regex.Text())}, which is not supported; known are the patterns of GPT-2, GPT-4, Llama 3 and Qwen 2");

        // The known patterns leave nothing between their matches, so that these ways of cutting are the same.
        return (part["behavior"].Text(), part["invert"].Flag(otherwise: false)) is ("Isolated", _) or ("Removed", true)
            ? Splitter.Of(pattern)
            : throw part["behavior"].Wrong($"is {JsonPart.Quote(part["behavior"].Text())}, which is not supported; only Isolated is, or Removed with invert");
    }

    private static (byte[] Mark, MetaspacePrefix Prefix) Metaspace(JsonPart part)
    {
        part.Object("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        var mark = part["replacement"];
        if (mark.Text() is not { Length: > 0 and <= 2 } text || text.EnumerateRunes().Count() != 1 || text == " ")
        {
            throw mark.Wrong("should be one character, and no space");
        }

        var addsPrefix = part["add_prefix_space"].Flag(otherwise: true);
        var prefix = part["prepend_scheme"].TextOrNull() switch
        {
            null => addsPrefix ? MetaspacePrefix.Always : MetaspacePrefix.Never,
            "always" => MetaspacePrefix.Always,
            "first" => MetaspacePrefix.First,
            "never" => MetaspacePrefix.Never,
            var other => throw part["prepend_scheme"].Wrong($"is {JsonPart.Quote(other)}; known are always, first and never"),
        };
        return (mark.Bytes(), prefix);
    }

    private static void AddFrame(JsonPart part, int mostId, ref Frame? frame)
    {
        if (part.IsNull)
        {
            return;
        }

        switch (part.Type())
        {
            case "Sequence":
                foreach (var item in part.Object("type", "processors")["processors"].Items())
                {
                    AddFrame(item, mostId, ref frame);
                }

                break;
            case "ByteLevel":
                // It moves offsets into the text, never tokens.
                part.Object("type", "add_prefix_space", "trim_offsets", "use_regex");
                break;
            case "TemplateProcessing" when frame is not null:
                throw part.Wrong("is a second template, which is not supported");
            case "TemplateProcessing":
                frame = Template(part.Object("type", "single", "pair", "special_tokens"), mostId);
                break;
            case var other:
                throw part.Wrong($"is {JsonPart.Quote(other)}, which is not supported; known are ByteLevel, Sequence and TemplateProcessing");
        }
    }

    private static Frame Template(JsonPart part, int mostId)
    {
        List<int> before = [], after = [];
        var isAfter = false;
        foreach (var item in part["single"].Items())
        {
            item.Object("SpecialToken", "Sequence");
            if (!item["Sequence"].IsNull)
            {
                item["Sequence"].Object("id", "type_id");
                isAfter = !isAfter && item["Sequence"]["id"].Text() == "A" ? true : throw item.Wrong("should be the sequence A, once");
                continue;
            }

            var name = item["SpecialToken"].Object("id", "type_id")["id"];
            var token = part["special_tokens"];
            if (token.Kind != JsonValueKind.Object || token[name.Text()].Kind != JsonValueKind.Object)
            {
                throw name.Wrong($"is {JsonPart.Quote(name.Text())}, which special_tokens does not describe");
            }

            foreach (var id in token[name.Text()].Object("id", "ids", "tokens")["ids"].Items())
            {
                (isAfter ? after : before).Add(id.Number(mostId));
            }
        }

        return isAfter ? new Frame([.. before], [.. after]) : throw part["single"].Wrong("lacks the sequence A");
    }

    private static void AddDecoder(
        JsonPart part, List<(byte[] From, byte[] To)> replacements, ref Decoding decoding, ref bool isFused, ref bool decodesBytes)
    {
        if (part.IsNull)
        {
            return;
        }

        var type = part.Type();
        if (isFused && type is "Replace" or "ByteFallback" or "Metaspace")
        {
            throw part.Wrong($"is {type} after Fuse, which is not supported");
        }

        switch (type)
        {
            case "Sequence":
                foreach (var item in part.Object("type", "decoders")["decoders"].Items())
                {
                    AddDecoder(item, replacements, ref decoding, ref isFused, ref decodesBytes);
                }

                break;
            case "ByteLevel":
                part.Object("type", "add_prefix_space", "trim_offsets", "use_regex");
                decodesBytes = true;
                break;
            case "Replace":
                replacements.Add(replacements.Count < MostNormalizers ? Replacement(part) : throw part.Wrong($"is one more than the {MostNormalizers} supported"));
                break;
            case "ByteFallback":
                part.Object("type");
                decoding = decoding with { ReadsBytes = true };
                break;
            case "Fuse":
                part.Object("type");
                isFused = true;
                break;
            case "Metaspace":
                var (mark, prefix) = Metaspace(part);
                replacements.Add((mark, " "u8.ToArray()));
                decoding = decoding with { FirstTokenLosesSpaces = prefix != MetaspacePrefix.Never };
                break;
            case "Strip":
                part.Object("type", "content", "start", "stop");
                if (!isFused || part["content"].Text() != " " || part["stop"].Number(int.MaxValue) != 0)
                {
                    throw part.Wrong("is a Strip that is not supported; only one of spaces at the start, after Fuse, is");
                }

                decoding = decoding with { DroppedSpaces = decoding.DroppedSpaces + part["start"].Number(MostDroppedSpaces) };
                break;
            default:
                throw part.Wrong($"is {JsonPart.Quote(type)}, which is not supported; known are ByteFallback, ByteLevel, Fuse, Metaspace, Replace, Sequence and Strip");
        }
    }
}
