// All that a tokenizer.json says, checked: the reader makes it, the tokenizer works by it and the writer writes it. The parts that
// only steer (normalizer, splitter, frame, decoder) keep their JSON beside their meaning, so writing needs no second description.
namespace Umwelt.Networks.Text.Internal;

internal sealed class TokenizerDefinition
{
    /// <summary>The model's tokens in the order of the file, as they are spelt there.</summary>
    public required ByteStrings Spellings { get; init; }

    /// <summary>The id of each spelling.</summary>
    public required int[] Ids { get; init; }

    public required Merge[] Merges { get; init; }

    public required IReadOnlyList<AddedToken> Added { get; init; }

    public required Part<IReadOnlyList<NormalizerStep>> Normalizer { get; init; }

    public required Part<IReadOnlyList<SplitStage>> Splitting { get; init; }

    public required Part<Frame> Frame { get; init; }

    public required Part<Decoding> Decoding { get; init; }

    /// <summary>The token of what the vocabulary lacks, or -1.</summary>
    public int Unknown { get; init; } = -1;

    public bool FusesUnknown { get; init; }

    public bool FallsBackToBytes { get; init; }

    /// <summary>Whether a piece that is a token is this token, whatever merging would make of it.</summary>
    public bool IgnoresMerges { get; init; }

    public bool IsByteLevel => Splitting.Meaning is [.., ByteLevelStage];

    /// <summary>Ids are below it.</summary>
    public int VocabularySize => Math.Max(Ids.Length == 0 ? 0 : Ids.Max() + 1, Added.Count == 0 ? 0 : Added.Max(token => token.Id) + 1);
}

/// <summary>A part of the file: as written, and what it means. The JSON is "null" where nothing is said.</summary>
internal readonly record struct Part<T>(string Json, T Meaning);

/// <summary>Tokens around a text, such as one that begins and one that ends it.</summary>
internal sealed record Frame(int[] Before, int[] After);

/// <summary>How tokens that are not byte-level become text.</summary>
internal sealed record Decoding
{
    /// <summary>What is replaced in a token's spelling, in order.</summary>
    public IReadOnlyList<(byte[] From, byte[] To)> Replacements { get; init; } = [];

    /// <summary>Whether a token spelt "&lt;0xE4&gt;" is that byte.</summary>
    public bool ReadsBytes { get; init; }

    /// <summary>How many spaces at the start of the text are dropped.</summary>
    public int DroppedSpaces { get; init; }

    /// <summary>Whether the first token loses all its spaces.</summary>
    public bool FirstTokenLosesSpaces { get; init; }
}

internal abstract record NormalizerStep;

internal sealed record NfcStep : NormalizerStep;

internal sealed record PrependStep(byte[] Content) : NormalizerStep;

internal sealed record ReplaceStep(byte[] From, byte[] To) : NormalizerStep;

internal abstract record SplitStage;

/// <summary>Cuts by a splitter.</summary>
internal sealed record CutStage(Splitter Splitter) : SplitStage;

/// <summary>Always the last: from here on text is bytes. It may put a space first and cut as GPT-2 does.</summary>
internal sealed record ByteLevelStage(bool AddsSpace, Splitter? Splitter) : SplitStage;

/// <summary>Spaces become marks, a mark may be put first, and the text may be cut before each.</summary>
internal sealed record MetaspaceStage(byte[] Mark, MetaspacePrefix Prefix, Splitter? Splitter) : SplitStage;

internal enum MetaspacePrefix
{
    Never,

    /// <summary>Only where the text begins, not after an added token.</summary>
    First,

    Always,
}
