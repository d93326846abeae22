// Cuts a stream of compressed data into PNG data chunks (IDAT) of at most 64 KiB; disposing writes the last one.
namespace Umwelt.Storage.Internal;

internal sealed class PngDataWriter(Stream inner) : Stream
{
    private readonly PooledBytes _buffer = new(65536);
    private int _filled;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var room = _buffer.Memory.Span;
        while (buffer.Length > 0)
        {
            var count = Math.Min(buffer.Length, room.Length - _filled);
            buffer[..count].CopyTo(room[_filled..]);
            _filled += count;
            buffer = buffer[count..];
            if (_filled == room.Length)
            {
                WriteOut();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            WriteOut();
            _buffer.Dispose();
        }

        base.Dispose(disposing);
    }

    private void WriteOut()
    {
        if (_filled > 0)
        {
            PngEncoder.WriteChunk(inner, "IDAT"u8, _buffer.Memory.Span[.._filled]);
            _filled = 0;
        }
    }
}
