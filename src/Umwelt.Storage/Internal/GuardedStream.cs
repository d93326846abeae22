// The stream of a temporary file: everything goes through to the file, and its errors come out naming the file meant.
// Only the file's own errors are translated; what a caller's callback throws passes untouched.
namespace Umwelt.Storage.Internal;

internal sealed class GuardedStream(FileStream file, string path) : Stream
{
    public override bool CanRead => file.CanRead;

    public override bool CanSeek => file.CanSeek;

    public override bool CanWrite => file.CanWrite;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public void FlushToDisk() => file.Flush(flushToDisk: true);

    public override void Flush()
    {
        try
        {
            file.Flush();
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return file.Read(buffer);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        try
        {
            // Seeking writes out what is buffered, so it can meet a full disk.
            return file.Seek(offset, origin);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override void SetLength(long value)
    {
        try
        {
            file.SetLength(value);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            file.Write(buffer);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await file.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        try
        {
            // Closing writes out what is buffered.
            if (disposing)
            {
                file.Dispose();
            }
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
        finally
        {
            base.Dispose(disposing);
        }
    }
}
