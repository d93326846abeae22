// Waits a short while for a pipe to have something to read, without sleeping: on many machines waking a sleeper takes
// longer than an environment's step. What it finds is a hint alone; a blocking read follows in any case, and on systems
// without poll it is all there is.
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Umwelt.Worlds.Bridges.Gymnasium;

internal sealed unsafe partial class ReadyWait(Stream stream, TimeSpan limit, bool shares)
{
    private const short Readable = 1;

    private readonly SafePipeHandle? _handle = OperatingSystem.IsWindows() ? null : (stream as PipeStream)?.SafePipeHandle;
    private readonly long _limit = (long)(limit.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Returns when there is something to read, or the end, or the time is over.</summary>
    public void Wait()
    {
        if (_handle is null || _limit <= 0)
        {
            return;
        }

        var entry = new Entry { Descriptor = (int)_handle.DangerousGetHandle(), Events = Readable };
        var until = Stopwatch.GetTimestamp() + _limit;
        while (Poll(&entry, 1, 0) == 0 && Stopwatch.GetTimestamp() < until)
        {
            if (shares)
            {
                Thread.Yield();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(Entry* entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }
}
