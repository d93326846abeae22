// oneDNN, where it is installed: the kernels under PyTorch and others. Its threads are OpenMP's.
using System.Runtime.InteropServices;

namespace Umwelt.Cli.Bench.Peers;

internal sealed unsafe class OneDnn
{
    private readonly delegate* unmanaged<byte, byte, long, long, long, float, float*, long, float*, long, float, float*, long, int> _multiply;
    private readonly delegate* unmanaged<int, void> _setThreads;

    // The library is never unloaded: OpenMP's threads outlive every call and would return into nothing.
    private OneDnn(nint library, nint threads)
    {
        _multiply = (delegate* unmanaged<byte, byte, long, long, long, float, float*, long, float*, long, float, float*, long, int>)NativeLibrary.GetExport(library, "dnnl_sgemm");
        _setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(threads, "omp_set_num_threads");
        var version = ((delegate* unmanaged<Version*>)NativeLibrary.GetExport(library, "dnnl_version"))();
        Description = $"oneDNN {version->Major}.{version->Minor}.{version->Patch}";
    }

    public string Description { get; }

    /// <summary>Null where it, or the OpenMP library it is linked with, is not installed.</summary>
    public static OneDnn? TryLoad()
    {
        foreach (var name in (string[])["libdnnl.so.2", "libdnnl.so.3", "libdnnl.so"])
        {
            if (NativeLibrary.TryLoad(name, out var library)
                && (NativeLibrary.TryLoad("libgomp.so.1", out var threads) || NativeLibrary.TryLoad("libomp.so", out threads)))
            {
                return new OneDnn(library, threads);
            }
        }

        return null;
    }

    public void SetThreads(int threads) => _setThreads(threads);

    /// <summary>The same as <see cref="OpenBlas.Multiply"/>.</summary>
    public void Multiply(int m, int n, int k, float* a, bool transposedA, float* b, bool transposedB, float* c)
    {
        var status = _multiply(
            (byte)(transposedA ? 'T' : 'N'), (byte)(transposedB ? 'T' : 'N'), m, n, k, 1f, a, transposedA ? m : k, b, transposedB ? k : n, 0f, c, n);
        if (status != 0)
        {
            throw new InvalidOperationException($"dnnl_sgemm returned {status}.");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Version
    {
        public readonly int Major;
        public readonly int Minor;
        public readonly int Patch;
    }
}
