// The compressed data of a PNG as one stream: the bodies of consecutive data chunks, already checked, without copying them.
// It points into memory its maker holds fixed, and must not outlive that.
using System.Buffers.Binary;

namespace Umwelt.Storage.Internal;

internal sealed unsafe class PngDataStream(byte* file, int start, int end) : Stream
{
    private int _at = start;
    private int _left;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (_left == 0)
        {
            // _at stands at the length field of the next chunk; the four bytes of a checksum lie between two bodies.
            if (_at >= end)
            {
                return 0;
            }

            _left = BinaryPrimitives.ReadInt32BigEndian(new ReadOnlySpan<byte>(file + _at, 4));
            _at += 8;
            if (_left == 0)
            {
                _at += 4;
            }
        }

        var count = Math.Min(_left, buffer.Length);
        new ReadOnlySpan<byte>(file + _at, count).CopyTo(buffer);
        _at += count;
        _left -= count;
        if (_left == 0)
        {
            _at += 4;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
