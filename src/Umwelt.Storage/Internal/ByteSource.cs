// Where a reader's bytes come from: a file read at offsets (never a memory map: a truncated map kills the process) or a stream.
// The length is taken once, when opened; a read that meets the end earlier says that the file was cut short meanwhile.
using Microsoft.Win32.SafeHandles;

namespace Umwelt.Storage.Internal;

internal abstract class ByteSource(string name, long length) : IDisposable
{
    public string Name => name;

    public long Length => length;

    public static ByteSource OfFile(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        try
        {
            return new FileSource(handle, path, RandomAccess.GetLength(handle));
        }
        catch (NotSupportedException e)
        {
            handle.Dispose();
            throw new InvalidFileException(path, "is not a regular file (a pipe or a device cannot be read at offsets)", null, e);
        }
    }

    public static ByteSource OfStream(Stream stream, string name, bool leaveOpen)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanSeek && stream.CanRead
            ? new StreamSource(stream, name, stream.Length, leaveOpen)
            : throw new ArgumentException("The stream must be readable and seekable.", nameof(stream));
    }

    /// <summary>Fills the destination from this offset on, or throws; safe to call from several threads at once.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = ReadSome(offset, destination);
            if (read <= 0)
            {
                throw new InvalidFileException(
                    name, $"ends here, {destination.Length} bytes short; it had {length} bytes when it was opened", offset);
            }

            offset += read;
            destination = destination[read..];
        }
    }

    public abstract void Dispose();

    protected abstract int ReadSome(long offset, Span<byte> destination);

    private sealed class FileSource(SafeFileHandle handle, string name, long length) : ByteSource(name, length)
    {
        public override void Dispose() => handle.Dispose();

        protected override int ReadSome(long offset, Span<byte> destination) => RandomAccess.Read(handle, destination, offset);
    }

    private sealed class StreamSource(Stream stream, string name, long length, bool leaveOpen) : ByteSource(name, length)
    {
        private readonly Lock _lock = new();

        public override void Dispose()
        {
            if (!leaveOpen)
            {
                stream.Dispose();
            }
        }

        protected override int ReadSome(long offset, Span<byte> destination)
        {
            lock (_lock)
            {
                stream.Position = offset;
                return stream.Read(destination);
            }
        }
    }
}
