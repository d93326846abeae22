// Native memory with a forbidden page right after its last element, or right before its first, so that a kernel that
// touches one byte too many faults. Where pages cannot be forbidden, canaries are checked on disposal instead.
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Tests;

/// <summary>The side of the data that touches forbidden memory.</summary>
internal enum GuardSide
{
    After,
    Before,
}

internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int CanaryBytes = 256;
    private const byte Canary = 0xA5;
    private readonly byte* _memory;
    private readonly nuint _bytes;
    private readonly bool _mapped;

    public GuardedBuffer(int length, int elementSize = sizeof(float), GuardSide side = GuardSide.After)
    {
        Length = length;
        Bytes = (nuint)length * (nuint)elementSize;
        var page = (nuint)Environment.SystemPageSize;
        if (OperatingSystem.IsLinux())
        {
            var body = (Bytes + page - 1) / page * page;
            _bytes = body + (2 * page);
            _memory = (byte*)Map(null, _bytes, 3, 0x22, -1, 0);
            if (_memory == (byte*)-1 || Protect(_memory, page, 0) != 0 || Protect(_memory + page + body, page, 0) != 0)
            {
                throw new InvalidOperationException("Guard pages could not be set up.");
            }

            _mapped = true;
            Start = _memory + page + (side == GuardSide.After ? body - Bytes : 0);
        }
        else
        {
            _bytes = Bytes + (2 * CanaryBytes);
            _memory = (byte*)NativeMemory.Alloc(_bytes);
            new Span<byte>(_memory, (int)_bytes).Fill(Canary);
            Start = _memory + CanaryBytes;
        }

        NativeMemory.Clear(Start, Bytes);
    }

    public int Length { get; }

    public nuint Bytes { get; }

    public byte* Start { get; }

    public float* Floats => (float*)Start;

    public Span<float> Span => new(Start, Length);

    public void Dispose()
    {
        if (_mapped)
        {
            _ = Unmap(_memory, _bytes);
            return;
        }

        var intact = true;
        for (nuint i = 0; i < CanaryBytes; i++)
        {
            intact &= _memory[i] == Canary && _memory[CanaryBytes + Bytes + i] == Canary;
        }

        NativeMemory.Free(_memory);
        if (!intact)
        {
            throw new InvalidOperationException("Memory beside the buffer was written.");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint bytes, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint bytes);
}
