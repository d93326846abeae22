// Walks the pages of one column chunk: reads a header, checks what it claims against the bytes that are there, and unpacks the page.
// A page never unpacks to more than its codec can make of its bytes, nor to more than the limit; so a bomb is refused before memory is taken.
using System.Buffers;
using System.IO.Compression;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class PageReader(ParquetFile file, ParquetPlace place, ParquetChunk chunk, bool keepsPages) : IDisposable
{
    private const int FirstWindow = 4096;
    private const int LongestHeader = 1 << 24;
    private const int GzipMost = 1032;
    private byte[] _packed = [];
    private byte[] _page = [];
    private long _at = chunk.Start;

    /// <summary>The page last read; its first <see cref="PageHeader.UnpackedBytes"/> bytes count.</summary>
    public byte[] Page => _page;

    /// <summary>Reads the next page; false at the end of the chunk.</summary>
    public bool TryNext(out PageHeader header)
    {
        header = default;
        var left = chunk.Start + chunk.Length - _at;
        if (left <= 0)
        {
            return false;
        }

        place.Offset = _at;
        header = ReadHeader(left, out var headerBytes);
        _at += headerBytes;
        left -= headerBytes;
        if (header.PackedBytes > left)
        {
            throw place.Wrong($"a page claims {header.PackedBytes} bytes where {left} are left of its column");
        }

        if (header.UnpackedBytes > file.Limits.MostPageBytes || header.PackedBytes > file.Limits.MostPageBytes)
        {
            throw place.Wrong($"a page claims {Math.Max(header.UnpackedBytes, header.PackedBytes)} bytes; the most that is read is {file.Limits.MostPageBytes}");
        }

        ReadPage(header);
        _at += header.PackedBytes;
        return true;
    }

    public void Dispose()
    {
        Return(ref _packed);
        if (!keepsPages)
        {
            Return(ref _page);
        }
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    private static void Rent(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            Return(ref buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length);
        }
    }

    private PageHeader ReadHeader(long left, out int length)
    {
        for (var window = FirstWindow; ; window *= 8)
        {
            var bytes = (int)Math.Min(Math.Min(window, LongestHeader), left);
            Rent(ref _packed, bytes);
            file.Read(_at, _packed.AsSpan(0, bytes));
            var reader = new ThriftReader(_packed.AsSpan(0, bytes), place, _at);
            try
            {
                var header = PageHeader.Read(ref reader);
                length = reader.At;
                return header;
            }
            catch (Umwelt.Storage.InvalidFileException) when (bytes < left && bytes < LongestHeader)
            {
                // Statistics in a header can be long; with more bytes it may well be sound.
                if (!reader.Ended)
                {
                    throw;
                }
            }
        }
    }

    private void ReadPage(PageHeader header)
    {
        // The levels of a page of the second version are never packed, and its values only if it says so.
        var plain = header.Kind == (int)PageKind.DataV2 ? (long)header.DefinitionBytes + header.RepetitionBytes : 0;
        if (plain > header.UnpackedBytes || plain > header.PackedBytes)
        {
            throw place.Wrong($"a page claims {plain} bytes of levels in {Math.Min(header.UnpackedBytes, header.PackedBytes)} bytes");
        }

        var codec = header.Packed ? (ParquetCodec)chunk.Codec : ParquetCodec.Uncompressed;
        var packed = header.PackedBytes - (int)plain;
        var unpacked = header.UnpackedBytes - (int)plain;
        var most = codec switch
        {
            ParquetCodec.Uncompressed => packed,
            ParquetCodec.Snappy => Snappy.MostUnpacked(packed),
            ParquetCodec.Gzip => (long)packed * GzipMost,
            _ => throw place.Wrong(
                $"is compressed with {NameOf(chunk.Codec)}, which is not supported; write the file again with snappy or without compression, for instance pandas.read_parquet(f).to_parquet(f, compression='snappy')"),
        };
        if (unpacked > most || (codec == ParquetCodec.Uncompressed && unpacked != packed))
        {
            throw place.Wrong($"a page claims {packed} bytes that unpack to {unpacked}, which cannot be");
        }

        var stored = codec == ParquetCodec.Uncompressed ? header.PackedBytes : (int)plain;
        MakeRoom(header.UnpackedBytes);
        file.Read(_at, _page.AsSpan(0, stored));
        var checksum = header.Checksum is null ? 0 : PageChecksum.Of(0, _page.AsSpan(0, stored));
        if (codec != ParquetCodec.Uncompressed)
        {
            Rent(ref _packed, packed);
            var source = _packed.AsSpan(0, packed);
            file.Read(_at + plain, source);
            checksum = header.Checksum is null ? 0 : PageChecksum.Of(checksum, source);
            ExpectChecksum(header, checksum);
            Unpack(codec, packed, _page.AsSpan((int)plain, unpacked));
        }
        else
        {
            ExpectChecksum(header, checksum);
        }
    }

    private void ExpectChecksum(PageHeader header, uint checksum)
    {
        if (header.Checksum is { } expected && expected != checksum)
        {
            throw place.Wrong("a page is damaged: its checksum does not fit its bytes");
        }
    }

    private void MakeRoom(int length)
    {
        if (keepsPages)
        {
            // Values point into the page and may outlive it.
            _page = GC.AllocateUninitializedArray<byte>(length);
        }
        else
        {
            Rent(ref _page, length);
        }
    }

    private void Unpack(ParquetCodec codec, int packed, Span<byte> destination)
    {
        // No bytes need no block, though some writers store an empty one.
        if (packed == 0 && destination.IsEmpty)
        {
            return;
        }

        if (codec == ParquetCodec.Snappy)
        {
            if (Snappy.Unpack(_packed.AsSpan(0, packed), destination) is { } problem)
            {
                throw place.Wrong(problem);
            }

            return;
        }

        try
        {
            using var gzip = new GZipStream(new MemoryStream(_packed, 0, packed, writable: false), CompressionMode.Decompress);
            if (gzip.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) != destination.Length || gzip.ReadByte() >= 0)
            {
                throw place.Wrong($"a page does not unpack to the {destination.Length} bytes that it claims");
            }
        }
        catch (InvalidDataException e)
        {
            throw place.Wrong($"a page's gzip data is broken: {e.Message}");
        }
    }

    private static string NameOf(int codec) => codec switch
    {
        (int)ParquetCodec.Lzo => "LZO",
        (int)ParquetCodec.Brotli => "brotli",
        (int)ParquetCodec.Lz4 or (int)ParquetCodec.Lz4Raw => "LZ4",
        (int)ParquetCodec.Zstd => "zstd",
        _ => $"an unknown codec ({codec})",
    };
}
