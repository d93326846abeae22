// Turns bytes into tokens for one caller at a time: scratch memory, the cache of words and the way of a text through the stages.
// Added tokens are found first; what lies between them is normalised, cut into pieces and merged. Nothing is allocated once the
// scratch memory has grown, and what the cache holds never changes a token.
using System.Runtime.Intrinsics;

namespace Umwelt.Networks.Text.Internal;

internal sealed class TextEncoder(EncoderTables tables)
{
    private const int BufferLength = 4096;
    private const int LongestKept = 1 << 16;

    private readonly int[] _buffer = new int[BufferLength];
    private readonly WordCache _cache = new();
    private readonly WordMerger _merger = new(tables.Merges);
    private readonly Nfc _nfc = new();
    private readonly GrowingBytes[] _normalised = [new(), new()];
    private readonly GrowingBytes[] _staged = [.. tables.Stages.Select(_ => new GrowingBytes())];
    private int[] _word = [];
    private int _count;
    private List<int>? _sink;

    public void Encode(ReadOnlySpan<byte> text, List<int> tokens, SpecialTokens specials)
    {
        (_sink, _count) = (tokens, 0);
        try
        {
            EncodeAround(tables.RawTokens, text, specials, isFirst: true, isNormalised: false);
            Flush();
        }
        finally
        {
            _sink = null;
        }
    }

    // First the tokens of the text as it came, then, within what lies between them, those of the normalised text.
    private void EncodeAround(AddedTokenFinder? finder, ReadOnlySpan<byte> text, SpecialTokens specials, bool isFirst, bool isNormalised)
    {
        int from = 0, start = 0, end = 0, done = 0;
        while (finder?.Next(text, specials, ref from, ref start, ref end) is { } token)
        {
            if (start > done)
            {
                EncodeBetween(text[done..start], specials, isFirst && done == 0, isNormalised);
            }

            Write(token.Id);
            done = end;
        }

        if (done < text.Length)
        {
            EncodeBetween(text[done..], specials, isFirst && done == 0, isNormalised);
        }
    }

    private void EncodeBetween(ReadOnlySpan<byte> text, SpecialTokens specials, bool isFirst, bool isNormalised)
    {
        if (isNormalised)
        {
            EncodeStage(0, text, isFirst);
        }
        else
        {
            EncodeAround(tables.NormalisedTokens, Normalise(text), specials, isFirst, isNormalised: true);
        }
    }

    private ReadOnlySpan<byte> Normalise(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < tables.Normalizer.Count && !text.IsEmpty; i++)
        {
            var destination = _normalised[i % 2];
            destination.Clear();
            switch (tables.Normalizer[i])
            {
                case NfcStep:
                    _nfc.Append(text, destination);
                    break;
                case PrependStep prepend:
                    destination.Add(prepend.Content);
                    destination.Add(text);
                    break;
                case ReplaceStep replace:
                    destination.AddReplaced(text, replace.From, replace.To);
                    break;
            }

            text = destination.Written;
        }

        return text;
    }

    private void EncodeStage(int stage, ReadOnlySpan<byte> text, bool isFirst)
    {
        if (stage == tables.Stages.Count)
        {
            EncodeWord(text, 0, text.Length);
            return;
        }

        switch (tables.Stages[stage])
        {
            case CutStage cut:
                Cut(stage, cut.Splitter, text, isFirst);
                break;
            case ByteLevelStage byteLevel:
                Cut(stage, byteLevel.Splitter, byteLevel.AddsSpace && text[0] != ' ' ? WithPrefix(stage, " "u8, text) : text, isFirst);
                break;
            case MetaspaceStage metaspace:
                var staged = _staged[stage];
                staged.Clear();
                var isMarked = text[0] == ' ' || text.StartsWith(metaspace.Mark);
                if (!isMarked && (metaspace.Prefix == MetaspacePrefix.Always || (metaspace.Prefix == MetaspacePrefix.First && isFirst)))
                {
                    staged.Add(metaspace.Mark);
                }

                staged.AddReplaced(text, " "u8, metaspace.Mark);
                Cut(stage, metaspace.Splitter, staged.Written, isFirst);
                break;
        }
    }

    private ReadOnlySpan<byte> WithPrefix(int stage, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> text)
    {
        var staged = _staged[stage];
        staged.Clear();
        staged.Add(prefix);
        staged.Add(text);
        return staged.Written;
    }

    private void Cut(int stage, Splitter? splitter, ReadOnlySpan<byte> text, bool isFirst)
    {
        if (splitter is null)
        {
            EncodeStage(stage + 1, text, isFirst);
            return;
        }

        var isLast = stage + 1 == tables.Stages.Count;
        for (var start = 0; start < text.Length;)
        {
            var end = splitter.End(text, start);
            if (isLast)
            {
                EncodeWord(text, start, end - start);
            }
            else
            {
                EncodeStage(stage + 1, text[start..end], isFirst && start == 0);
            }

            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> text, int start, int length)
    {
        if (length > WordCache.LongestWord)
        {
            Merge(text.Slice(start, length), out var tokens);
            WriteAll(tokens);
            return;
        }

        if (_count > BufferLength - Vector256<int>.Count)
        {
            Flush();
        }

        var key = WordCache.Key(text, start, length);
        var found = _cache.Find(key, _buffer.AsSpan(_count));
        if (found > 0)
        {
            _count += found;
            return;
        }

        Merge(text.Slice(start, length), out var merged);
        WriteAll(merged);
        if (merged.Length is > 0 and <= WordCache.MostTokens)
        {
            _cache.Add(key, merged);
        }
    }

    private void Merge(ReadOnlySpan<byte> word, out ReadOnlySpan<int> tokens)
    {
        if (_word.Length < word.Length || _word.Length > LongestKept)
        {
            _word = new int[Math.Max(64, word.Length)];
        }

        var whole = tables.WholeWord(word);
        if (whole >= 0)
        {
            _word[0] = whole;
            tokens = _word.AsSpan(0, 1);
            return;
        }

        var symbols = _word.AsSpan(0, tables.Symbols(word, _word));
        tokens = symbols[.._merger.Merge(symbols)];
    }

    private void Write(int token)
    {
        if (_count == BufferLength)
        {
            Flush();
        }

        _buffer[_count++] = token;
    }

    private void WriteAll(ReadOnlySpan<int> tokens)
    {
        if (_count + tokens.Length > BufferLength)
        {
            Flush();
            if (tokens.Length > BufferLength)
            {
                _sink!.AddRange(tokens);
                return;
            }
        }

        tokens.CopyTo(_buffer.AsSpan(_count));
        _count += tokens.Length;
    }

    private void Flush()
    {
        _sink!.AddRange(_buffer.AsSpan(0, _count));
        _count = 0;
    }
}
