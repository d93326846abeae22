// A buffer of the shared pool with its exact length; disposing returns it, and a second disposal does nothing.
using System.Buffers;

namespace Umwelt.Storage.Internal;

internal sealed class PooledBytes(int length) : IMemoryOwner<byte>
{
    private byte[]? _array = ArrayPool<byte>.Shared.Rent(length);

    public Memory<byte> Memory => _array is { } array ? array.AsMemory(0, length) : throw new ObjectDisposedException(nameof(PooledBytes));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
