// Memory for the CPU backend in which every buffer touches a forbidden page, so that a kernel which reads or writes one
// element too many faults at once. Buffers are never used twice: what was freed is forbidden too.
using Umwelt.Tensors.Internal.Cpu;

namespace Umwelt.Tensors.Tests.Operations;

internal sealed unsafe class GuardedMemory(GuardSide side) : CpuMemory
{
    private readonly Dictionary<CpuBuffer, GuardedBuffer> _buffers = [];

    public override CpuBuffer Allocate(long bytes)
    {
        var guarded = new GuardedBuffer((int)bytes, elementSize: 1, side);
        new Span<byte>(guarded.Start, (int)bytes).Fill(0xFF);
        var buffer = new CpuBuffer { Pointer = guarded.Start, Capacity = bytes };
        _buffers.Add(buffer, guarded);
        Count(bytes);
        return buffer;
    }

    public override void Free(CpuBuffer buffer)
    {
        Count(-buffer.Capacity);
        _buffers.Remove(buffer, out var guarded);
        guarded!.Dispose();
    }
}
