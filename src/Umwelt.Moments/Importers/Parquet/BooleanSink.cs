// Truth values: bits in the plain encoding, or runs behind a length.
using System.Buffers.Binary;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class BooleanSink(ParquetField leaf, ParquetPlace place) : ValueSink<bool, BooleanSink.NoDictionary>(leaf, place)
{
    private readonly ParquetPlace _place = place;
    private RunReader _runs;
    private long _bit = -1;
    private bool _started;

    public override void SetPage(byte[] page, int start, int end, ParquetEncoding encoding)
    {
        base.SetPage(page, start, end, encoding);
        _bit = 8L * start;
        _started = false;
    }

    protected override bool Reads(ParquetEncoding encoding) => encoding is ParquetEncoding.Plain or ParquetEncoding.Rle;

    protected override void ReadPlain(byte[] page, ref int at, int end, ParquetEncoding encoding, Span<bool> destination)
    {
        if (encoding == ParquetEncoding.Rle)
        {
            ReadRuns(page, at, end, destination);
            return;
        }

        if (_bit + destination.Length > 8L * end)
        {
            throw _place.Wrong("a page ends before its values do");
        }

        for (var i = 0; i < destination.Length; i++, _bit++)
        {
            destination[i] = ((page[(int)(_bit >> 3)] >> (int)(_bit & 7)) & 1) != 0;
        }
    }

    private void ReadRuns(byte[] page, int at, int end, Span<bool> destination)
    {
        if (!_started)
        {
            _started = true;
            var length = end - at >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(at)) : -1;
            _runs = length >= 0 && length <= end - at - 4
                ? new RunReader(page, at + 4, at + 4 + length, 1)
                : throw _place.Wrong("a page's truth values claim more bytes than there are");
        }

        Span<int> some = stackalloc int[256];
        while (destination.Length > 0)
        {
            var count = Math.Min(some.Length, destination.Length);
            if (!_runs.TryRead(some[..count]))
            {
                throw _place.Wrong("a page's truth values are broken or end too early");
            }

            for (var i = 0; i < count; i++)
            {
                destination[i] = some[i] != 0;
            }

            destination = destination[count..];
        }
    }

    /// <summary>The format knows no dictionary of truth values: one that claims to be is refused as not holding them.</summary>
    internal readonly struct NoDictionary : IPlainValue<bool>
    {
        public static int LeastBytes(ParquetField leaf) => 1;

        public static int Read(byte[] page, int at, int end, Span<bool> destination, ParquetField leaf) => -1;
    }
}
