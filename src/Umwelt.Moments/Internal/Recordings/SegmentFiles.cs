// The open files of a recording, as many as are allowed, the longest unused closed first. A file in use is never closed.
// A segment that has another length than when the recording was opened is refused: its offsets mean nothing any more.
using Microsoft.Win32.SafeHandles;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentFiles(SegmentIndex[] segments, int most) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Slot> _open = [];
    private long _clock;
    private bool _disposed;

    /// <summary>How many files are open.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Opens a segment, or uses the file that is open; to be disposed after use.</summary>
    public OpenSegment Open(int index)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Recording));
            if (!_open.TryGetValue(index, out var slot))
            {
                MakeRoom();
                slot = new Slot(OpenFile(segments[index]));
                _open.Add(index, slot);
            }

            slot.Users++;
            slot.LastUse = ++_clock;
            return new OpenSegment(this, slot, segments[index]);
        }
    }

    public void Release(Slot slot)
    {
        lock (_lock)
        {
            slot.Users--;
            if (_disposed && slot.Users == 0)
            {
                slot.Handle.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var slot in _open.Values)
            {
                if (slot.Users == 0)
                {
                    slot.Handle.Dispose();
                }
            }

            _open.Clear();
        }
    }

    private static SafeFileHandle OpenFile(SegmentIndex segment)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidFileException(segment.Path, $"can't be opened any more: {error.Message}", innerException: error);
        }

        var length = RandomAccess.GetLength(handle);
        if (length != segment.FileLength)
        {
            handle.Dispose();
            throw new InvalidFileException(segment.Path, $"has {length} bytes now; it had {segment.FileLength} when the recording was opened");
        }

        return handle;
    }

    private void MakeRoom()
    {
        while (_open.Count >= most)
        {
            var oldest = -1;
            var use = long.MaxValue;
            foreach (var (index, slot) in _open)
            {
                if (slot.Users == 0 && slot.LastUse < use)
                {
                    (oldest, use) = (index, slot.LastUse);
                }
            }

            if (oldest < 0)
            {
                // All are being read this instant; there are no more of them than threads.
                return;
            }

            _open[oldest].Handle.Dispose();
            _open.Remove(oldest);
        }
    }

    internal sealed class Slot(SafeFileHandle handle)
    {
        public SafeFileHandle Handle => handle;

        public int Users { get; set; }

        public long LastUse { get; set; }
    }
}

/// <summary>An open segment in use.</summary>
internal readonly struct OpenSegment(SegmentFiles files, SegmentFiles.Slot slot, SegmentIndex segment) : IDisposable
{
    /// <summary>Fills the destination from this byte of the file on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(slot.Handle, destination, offset);
            if (read <= 0)
            {
                throw new InvalidFileException(segment.Path, $"ends {destination.Length} bytes short; it had {segment.FileLength} bytes when the recording was opened", offset);
            }

            offset += read;
            destination = destination[read..];
        }
    }

    public void Dispose() => files.Release(slot);
}
