// Gathers the values of a leaf over pages: reads them plainly or by dictionary, and leaves room where a value is absent.
// Arrays grow with what is really read. Values that are bytes point into their page, so that a dictionary cannot multiply them.
using System.Buffers.Binary;

namespace Umwelt.Moments.Importers.Parquet;

internal abstract class ValueSink
{
    public int Count { get; protected set; }

    public static ValueSink For(ParquetField leaf, ParquetPlace place) => leaf.Type switch
    {
        ParquetType.Boolean => new BooleanSink(leaf, place),
        ParquetType.Int32 => new ValueSink<int, PlainFixed<int>>(leaf, place),
        ParquetType.Int64 => new ValueSink<long, PlainFixed<long>>(leaf, place),
        ParquetType.Int96 => new ValueSink<long, PlainTimestamp96>(leaf, place),
        ParquetType.Float => new ValueSink<float, PlainFixed<float>>(leaf, place),
        ParquetType.Double => new ValueSink<double, PlainFixed<double>>(leaf, place),
        _ => new ValueSink<ReadOnlyMemory<byte>, PlainBytes>(leaf, place),
    };

    /// <summary>Takes over the column chunk's dictionary.</summary>
    public abstract void SetDictionary(byte[] page, int length, int count);

    /// <summary>Forgets the dictionary: each column chunk brings its own.</summary>
    public abstract void ClearDictionary();

    /// <summary>Stands before the values of a data page.</summary>
    public abstract void SetPage(byte[] page, int start, int end, ParquetEncoding encoding);

    /// <summary>Reads as many values as are present and places them there.</summary>
    public abstract void Append(ReadOnlySpan<bool> present);

    /// <summary>Hands over the values and starts anew.</summary>
    public abstract Array Take();
}

internal class ValueSink<T, TPlain>(ParquetField leaf, ParquetPlace place) : ValueSink
    where TPlain : IPlainValue<T>
{
    private const int Step = 1024;
    private T[] _values = [];
    private int[]? _indices;
    private T[]? _dictionary;
    private byte[] _page = [];
    private int _at;
    private int _end;
    private ParquetEncoding _encoding;
    private RunReader _runs;
    private bool _started;

    public override void SetDictionary(byte[] page, int length, int count)
    {
        if ((long)count * TPlain.LeastBytes(leaf) > length)
        {
            throw place.Wrong($"its dictionary claims {count} values in {length} bytes");
        }

        var dictionary = new T[count];
        _dictionary = TPlain.Read(page, 0, length, dictionary, leaf) >= 0
            ? dictionary
            : throw place.Wrong($"its dictionary does not hold the {count} values that it claims");
    }

    public override void ClearDictionary() => _dictionary = null;

    public override void SetPage(byte[] page, int start, int end, ParquetEncoding encoding)
    {
        if (!Reads(encoding))
        {
            throw place.Wrong(
                $"is encoded as {NameOf(encoding)}, which is not supported; write the file again with plain or dictionary encoding, as pandas.read_parquet(f).to_parquet(f) does");
        }

        if (encoding is ParquetEncoding.RleDictionary or ParquetEncoding.PlainDictionary && _dictionary is null)
        {
            throw place.Wrong("a page wants a dictionary where there is none");
        }

        (_page, _at, _end, _encoding, _started) = (page, start, end, encoding, false);
    }

    public override void Append(ReadOnlySpan<bool> present)
    {
        var values = present.Count(true);
        if (Count + present.Length > _values.Length)
        {
            Array.Resize(ref _values, (int)Math.Min(Array.MaxLength, Math.Max(Count + (long)present.Length, Math.Max(64, 2L * _values.Length))));
        }

        var slots = _values.AsSpan(Count, present.Length);
        if (values > 0)
        {
            Read(slots[..values]);
        }

        // From the back, so that nothing is overwritten before it has moved.
        for (int to = present.Length - 1, from = values - 1; to > from; to--)
        {
            slots[to] = present[to] ? slots[from--] : default!;
        }

        Count += present.Length;
    }

    public override Array Take()
    {
        var taken = _values;
        Array.Resize(ref taken, Count);
        _values = [];
        Count = 0;
        return taken;
    }

    protected virtual bool Reads(ParquetEncoding encoding) => encoding is ParquetEncoding.Plain or ParquetEncoding.RleDictionary or ParquetEncoding.PlainDictionary;

    protected virtual void ReadPlain(byte[] page, ref int at, int end, ParquetEncoding encoding, Span<T> destination)
    {
        at = TPlain.Read(page, at, end, destination, leaf);
        if (at < 0)
        {
            throw place.Wrong("a page ends before its values do, or holds a value that cannot be");
        }
    }

    private void Read(Span<T> destination)
    {
        if (_encoding is not (ParquetEncoding.RleDictionary or ParquetEncoding.PlainDictionary))
        {
            ReadPlain(_page, ref _at, _end, _encoding, destination);
            return;
        }

        if (!_started)
        {
            _started = true;
            var width = _at < _end ? _page[_at] : throw place.Wrong("a page ends before its dictionary indices begin");
            _runs = width <= 31 ? new RunReader(_page, _at + 1, _end, width) : throw place.Wrong($"a page claims dictionary indices of {width} bits");
        }

        _indices ??= new int[Step];
        while (destination.Length > 0)
        {
            var some = _indices.AsSpan(0, Math.Min(Step, destination.Length));
            if (!_runs.TryRead(some))
            {
                throw place.Wrong("a page's dictionary indices are broken or end too early");
            }

            for (var i = 0; i < some.Length; i++)
            {
                var index = some[i];
                destination[i] = (uint)index < (uint)_dictionary!.Length
                    ? _dictionary[index]
                    : throw place.Wrong($"a page wants value {index} of a dictionary of {_dictionary.Length}");
            }

            destination = destination[some.Length..];
        }
    }

    private static string NameOf(ParquetEncoding encoding) => encoding switch
    {
        ParquetEncoding.Rle => "RLE",
        ParquetEncoding.BitPacked => "BIT_PACKED",
        ParquetEncoding.DeltaBinaryPacked => "DELTA_BINARY_PACKED",
        ParquetEncoding.DeltaLengthByteArray => "DELTA_LENGTH_BYTE_ARRAY",
        ParquetEncoding.DeltaByteArray => "DELTA_BYTE_ARRAY",
        ParquetEncoding.ByteStreamSplit => "BYTE_STREAM_SPLIT",
        _ => $"an unknown encoding ({(int)encoding})",
    };
}
