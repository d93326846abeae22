// A window for a callback that must write an exact number of bytes: one too many or too few is an error that names whose they are.
// It passes everything on and owns nothing.
namespace Umwelt.Storage.Internal;

internal sealed class CountedStream(Stream inner, long expected, string owner) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => expected;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    public void ExpectFull()
    {
        if (_written != expected)
        {
            throw new InvalidOperationException($"{owner} wrote {_written} of its {expected} bytes.");
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > expected - _written)
        {
            throw new InvalidOperationException($"{owner} writes more than its {expected} bytes.");
        }

        inner.Write(buffer);
        _written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
