// OpenBLAS, where it is installed: the matrix product that most scientific software on processors calls.
using System.Runtime.InteropServices;

namespace Umwelt.Cli.Bench.Peers;

internal sealed unsafe class OpenBlas : IDisposable
{
    private const int RowMajor = 101;
    private const int NotTransposed = 111;
    private const int Transposed = 112;
    private readonly nint _library;
    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _multiply;
    private readonly delegate* unmanaged<int, void> _setThreads;

    private OpenBlas(nint library)
    {
        _library = library;
        _multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)NativeLibrary.GetExport(library, "cblas_sgemm");
        _setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads");
        var describe = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_config");
        Description = Marshal.PtrToStringUTF8((nint)describe())!.Trim();
    }

    public string Description { get; }

    /// <summary>Null where it is not installed.</summary>
    public static OpenBlas? TryLoad()
    {
        foreach (var name in (string[])["libopenblas.so.0", "libopenblas.dylib", "libopenblas.dll", "openblas"])
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                return new OpenBlas(library);
            }
        }

        return null;
    }

    public void SetThreads(int threads) => _setThreads(threads);

    /// <summary>C = A B, all row-major: A is M x K, or K x M where transposed; B is K x N, or N x K where transposed.</summary>
    public void Multiply(int m, int n, int k, float* a, bool transposedA, float* b, bool transposedB, float* c) =>
        _multiply(
            RowMajor, transposedA ? Transposed : NotTransposed, transposedB ? Transposed : NotTransposed, m, n, k, 1f, a, transposedA ? m : k, b,
            transposedB ? k : n, 0f, c, n);

    public void Dispose() => NativeLibrary.Free(_library);
}
