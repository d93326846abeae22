// The backends that the checks share: one reference, and the CPU at several numbers of threads.
namespace Umwelt.Tensors.Tests.Operations;

public sealed class CpuBackends : IDisposable
{
    private readonly Dictionary<int, CpuBackend> _ofThreads = [];

    public ReferenceBackend Reference { get; } = new();

    public CpuBackend OfThreads(int threads)
    {
        if (!_ofThreads.TryGetValue(threads, out var backend))
        {
            backend = new CpuBackend(threads);
            _ofThreads.Add(threads, backend);
        }

        return backend;
    }

    public void Dispose()
    {
        Reference.Dispose();
        foreach (var backend in _ofThreads.Values)
        {
            backend.Dispose();
        }
    }
}
