// Reads one leaf over row groups, a stretch of rows at a time, going from page to page as values are wanted.
// What is kept is one page, one dictionary and the rows asked for; rows, values and pages must agree with what the footer claims.
using System.Buffers.Binary;
using System.Numerics;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class ParquetColumnReader : IDisposable
{
    /// <summary>After this many values a stretch ends early, at the end of a row, so that rows with long lists stay within memory.</summary>
    public const int UsualValues = 1 << 20;

    private const int LevelStep = 1024;
    private readonly ParquetFile _file;
    private readonly ParquetPlace _place;
    private readonly ParquetField _leaf;
    private readonly ValueSink _sink;
    private readonly ListBuilder _lists;
    private readonly int[] _repetitions;
    private readonly int[] _definitions;
    private readonly int _groupsEnd;
    private int _nextGroup;
    private PageReader? _pages;
    private RunReader _repetitionRuns;
    private RunReader _definitionRuns;
    private long _chunkLeft;
    private long _pageLeft;
    private long _groupRowsLeft;
    private int _level;
    private int _levels;

    internal ParquetColumnReader(ParquetFile file, ParquetField leaf, int firstGroup, int groups)
    {
        if (!leaf.IsLeaf || leaf.LeafIndex < 0 || file.Leaves[leaf.LeafIndex] != leaf)
        {
            throw new ArgumentException("Only a leaf of the file's own schema can be read.", nameof(leaf));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(firstGroup);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, file.RowGroups.Length - firstGroup);
        _file = file;
        _leaf = leaf;
        _place = new ParquetPlace(file.Path) { Column = leaf.DottedPath };
        if (leaf.Logical.Meaning == ParquetMeaning.Decimal)
        {
            throw new InvalidFileException(
                file.Path, $"column {ParquetPlace.Quote(leaf.DottedPath)} holds decimal numbers, which are not supported; write them as double");
        }

        _sink = ValueSink.For(leaf, _place);
        _lists = new ListBuilder(leaf);
        _repetitions = leaf.MaxRepetition > 0 ? new int[LevelStep] : [];
        _definitions = leaf.MaxDefinition > 0 ? new int[LevelStep] : [];
        _nextGroup = firstGroup;
        _groupsEnd = firstGroup + groups;
    }

    /// <summary>Reads the next rows, fewer at the end or once there are many values; null when none are left. The arrays belong to the caller.</summary>
    public ParquetValues? Read(int mostRows, int mostValues = UsualValues)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostRows);
        while (TryFill() && TryTake(mostRows, mostValues))
        {
        }

        if (_lists.Rows == 0)
        {
            return null;
        }

        var rows = _lists.Rows;
        var (lists, present) = _lists.Take();
        return new ParquetValues(_leaf, rows, present.Length, lists, present, _sink.Take()) { Path = _file.Path };
    }

    public void Dispose() => _pages?.Dispose();

    // Makes sure that levels lie ready; false at the end of the last row group.
    private bool TryFill()
    {
        while (_level == _levels)
        {
            if (_pageLeft > 0)
            {
                FillLevels();
            }
            else if (_chunkLeft > 0)
            {
                NextPage();
            }
            else if (!TryNextGroup())
            {
                return false;
            }
        }

        return true;
    }

    // Takes entries from the levels that lie ready; false once the stretch is full.
    private bool TryTake(int mostRows, int mostValues)
    {
        var first = _lists.Slots;
        var full = false;
        var rowsBefore = _lists.Rows;
        if (_leaf.MaxRepetition == 0)
        {
            var count = Math.Min(_levels - _level, Math.Min(mostRows, Math.Max(1, mostValues)) - _lists.Rows);
            _lists.AddFlat(_leaf.MaxDefinition > 0 ? _definitions.AsSpan(_level, count) : default, count);
            _level += count;
            full = count == 0;
        }
        else
        {
            for (; _level < _levels; _level++)
            {
                var repetition = _repetitions[_level];
                if (repetition == 0 && _lists.Rows > 0 && (_lists.Rows >= mostRows || _lists.Slots >= mostValues))
                {
                    full = true;
                    break;
                }

                if ((repetition > 0 && _lists.Rows == 0) || !_lists.TryAdd(repetition, _leaf.MaxDefinition > 0 ? _definitions[_level] : 0))
                {
                    throw _place.Wrong("its levels contradict each other");
                }

                if (_lists.RowEntries > _file.Limits.MostRowValues)
                {
                    throw _place.Wrong($"a row holds more than {_file.Limits.MostRowValues} values, the most that is read");
                }
            }
        }

        _groupRowsLeft -= _lists.Rows - rowsBefore;
        if (_groupRowsLeft < 0)
        {
            throw _place.Wrong("holds more rows than its row group");
        }

        _sink.Append(_lists.PresentFrom(first));
        return !full;
    }

    private bool TryNextGroup()
    {
        if (_groupRowsLeft > 0)
        {
            throw _place.Wrong($"lacks {_groupRowsLeft} rows of its row group");
        }

        _pages?.Dispose();
        _pages = null;
        if (_nextGroup == _groupsEnd)
        {
            return false;
        }

        var group = _file.RowGroups[_nextGroup++];
        var chunk = group.Chunks[_leaf.LeafIndex];
        _sink.ClearDictionary();
        _place.Offset = chunk.Start;
        _chunkLeft = chunk.Values;
        _groupRowsLeft = group.Rows;
        _pages = new PageReader(_file, _place, chunk, _leaf.Type is ParquetType.ByteArray or ParquetType.FixedLenByteArray);
        if (_chunkLeft < _groupRowsLeft)
        {
            throw _place.Wrong($"claims {_chunkLeft} values for {_groupRowsLeft} rows");
        }

        return true;
    }

    private void NextPage()
    {
        if (!_pages!.TryNext(out var header))
        {
            throw _place.Wrong($"ends {_chunkLeft} values short of what its row group claims");
        }

        switch ((PageKind)header.Kind)
        {
            case PageKind.Dictionary:
                if (header.Encoding is not ((int)ParquetEncoding.Plain or (int)ParquetEncoding.PlainDictionary))
                {
                    throw _place.Wrong($"its dictionary is in encoding {header.Encoding}, which is not supported");
                }

                _sink.SetDictionary(_pages.Page, header.UnpackedBytes, header.Values);
                break;
            case PageKind.Data or PageKind.DataV2:
                if (header.Values > _chunkLeft)
                {
                    throw _place.Wrong($"a page claims {header.Values} values where {_chunkLeft} are left of its row group");
                }

                StartPage(header);
                break;
            default:
                // Pages of other kinds hold nothing that is needed here.
                break;
        }
    }

    private void StartPage(PageHeader header)
    {
        var at = 0;
        if (header.Kind == (int)PageKind.DataV2)
        {
            _repetitionRuns = Levels(ref at, header.RepetitionBytes, _leaf.MaxRepetition);
            _definitionRuns = Levels(ref at, header.DefinitionBytes, _leaf.MaxDefinition);
        }
        else
        {
            _repetitionRuns = LengthAndLevels(ref at, header.UnpackedBytes, header.RepetitionEncoding, _leaf.MaxRepetition);
            _definitionRuns = LengthAndLevels(ref at, header.UnpackedBytes, header.DefinitionEncoding, _leaf.MaxDefinition);
        }

        _sink.SetPage(_pages!.Page, at, header.UnpackedBytes, (ParquetEncoding)header.Encoding);
        _pageLeft = header.Values;
        _chunkLeft -= header.Values;
    }

    private RunReader LengthAndLevels(ref int at, int end, int encoding, int most)
    {
        if (most == 0)
        {
            return default;
        }

        if (encoding != (int)ParquetEncoding.Rle)
        {
            throw _place.Wrong("its levels are bit-packed in the way of Parquet 1.0, which is not supported; write the file again with a current writer");
        }

        var length = end - at >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(_pages!.Page.AsSpan(at)) : -1;
        at += 4;
        return length >= 0 && length <= end - at
            ? Levels(ref at, length, most)
            : throw _place.Wrong($"a page claims {length} bytes of levels in {end} bytes");
    }

    private RunReader Levels(ref int at, int length, int most)
    {
        var runs = new RunReader(_pages!.Page, at, at + length, BitOperations.Log2((uint)most) + 1);
        at += length;
        return runs;
    }

    private void FillLevels()
    {
        _level = 0;
        _levels = (int)Math.Min(LevelStep, _pageLeft);
        if (!TryLevels(ref _repetitionRuns, _repetitions, _leaf.MaxRepetition) || !TryLevels(ref _definitionRuns, _definitions, _leaf.MaxDefinition))
        {
            throw _place.Wrong("a page's levels are broken or end too early");
        }

        _pageLeft -= _levels;
    }

    private bool TryLevels(ref RunReader runs, int[] levels, int most) =>
        most == 0 || (runs.TryRead(levels.AsSpan(0, _levels)) && !levels.AsSpan(0, _levels).ContainsAnyExceptInRange(0, most));
}
