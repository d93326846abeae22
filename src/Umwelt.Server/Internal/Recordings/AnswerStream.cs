// The body of an answer for writers that make small synchronous writes between large asynchronous ones, as archives do: the
// small ones wait in memory for the next large one, so that no thread is ever held up by a slow client.
using System.Buffers;

namespace Umwelt.Server.Internal.Recordings;

internal sealed class AnswerStream(Stream body) : Stream
{
    private readonly ArrayBufferWriter<byte> _waiting = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("An answer's length is not known while it is written.");

    public override long Position
    {
        get => throw new NotSupportedException("An answer has no position.");
        set => throw new NotSupportedException("An answer has no position.");
    }

    public override void Write(byte[] buffer, int offset, int count) => _waiting.Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => _waiting.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await body.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override void Flush()
    {
    }

    /// <summary>Sends what waits.</summary>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_waiting.WrittenCount > 0)
        {
            await body.WriteAsync(_waiting.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _waiting.ResetWrittenCount();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An answer is written.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("An answer has no position.");

    public override void SetLength(long value) => throw new NotSupportedException("An answer has no length of its own.");
}
