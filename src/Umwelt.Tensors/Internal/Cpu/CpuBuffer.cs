// Native memory of the CPU backend, aligned to 64 bytes, and the pool it comes from: sizes are rounded up to eight steps
// an octave, so that what one step of training gives back the next finds again, with at most an eighth of waste. Tests
// bring memory of their own, with forbidden pages around each buffer.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe class CpuBuffer : DeviceBuffer
{
    public byte* Pointer;
    public long Capacity;
    public int SizeClass;

    public override long Bytes => Capacity;
}

internal unsafe class CpuMemory
{
    private const int StepsPerOctave = 8;
    private readonly Stack<CpuBuffer>?[] _free = new Stack<CpuBuffer>?[64 * StepsPerOctave];
    private readonly Stack<CpuBuffer> _empty = new();

    public long LiveBytes { get; private set; }

    public long PeakBytes { get; private set; }

    public virtual CpuBuffer Allocate(long bytes)
    {
        var (sizeClass, capacity) = ClassOf(bytes);
        CpuBuffer? buffer;
        if (_free[sizeClass] is { Count: > 0 } free)
        {
            buffer = free.Pop();
        }
        else
        {
            if (!_empty.TryPop(out buffer))
            {
                buffer = new CpuBuffer();
            }

            buffer.Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, 64);
            buffer.Capacity = capacity;
            buffer.SizeClass = sizeClass;
        }

        Count(capacity);
        return buffer;
    }

    public virtual void Free(CpuBuffer buffer)
    {
        Count(-buffer.Capacity);
        (_free[buffer.SizeClass] ??= new Stack<CpuBuffer>()).Push(buffer);
    }

    public void ResetPeak() => PeakBytes = LiveBytes;

    /// <summary>Gives the memory of buffers not in use back to the system.</summary>
    public void Trim()
    {
        foreach (var free in _free)
        {
            while (free is not null && free.TryPop(out var buffer))
            {
                NativeMemory.AlignedFree(buffer.Pointer);
                buffer.Pointer = null;
                _empty.Push(buffer);
            }
        }
    }

    protected void Count(long bytes)
    {
        LiveBytes += bytes;
        PeakBytes = Math.Max(PeakBytes, LiveBytes);
    }

    private static (int SizeClass, long Capacity) ClassOf(long bytes)
    {
        bytes = Math.Max(bytes, 512);
        var octave = 63 - BitOperations.LeadingZeroCount((ulong)(bytes - 1));
        var step = (1L << octave) / StepsPerOctave;
        var steps = (bytes - (1L << octave) + step - 1) / step;
        return ((octave * StepsPerOctave) + (int)steps, (1L << octave) + (steps * step));
    }
}
