// What follows the sum of a product, while its rows are still in the nearest cache: bias, then activation.
// Law: the same operators as the elementwise operations, hence the same bits as the composition of both.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class Epilogue
{
    /// <summary>c[i, j] = activation(c[i, j] + bias[j]); a null bias adds nothing.</summary>
    public static void Apply<V>(Activation activation, float* bias, float* c, nint cRow, int rows, int columns)
        where V : unmanaged, ISimd<V>
    {
        switch (activation)
        {
            case Activation.None when bias == null: break;
            case Activation.None: Apply<V, Identity>(bias, c, cRow, rows, columns); break;
            case Activation.Relu: Apply<V, Relu>(bias, c, cRow, rows, columns); break;
            case Activation.Silu: Apply<V, Silu>(bias, c, cRow, rows, columns); break;
            case Activation.Gelu: Apply<V, Gelu>(bias, c, cRow, rows, columns); break;
            case Activation.GeluTanh: Apply<V, GeluTanh>(bias, c, cRow, rows, columns); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<V, TOperator>(float* bias, float* c, nint cRow, int rows, int columns)
        where V : unmanaged, ISimd<V>
        where TOperator : struct, IUnaryOperator
    {
        TOperator activation = default;
        for (; rows > 0; rows--, c += cRow)
        {
            var j = 0;
            for (; j + V.Count <= columns; j += V.Count)
            {
                var x = V.Load(c + j);
                V.Store(activation.Forward(bias != null ? x + V.Load(bias + j) : x), c + j);
            }

            if (j < columns)
            {
                var rest = columns - j;
                var x = V.LoadPartial(c + j, rest);
                V.StorePartial(activation.Forward(bias != null ? x + V.LoadPartial(bias + j, rest) : x), c + j, rest);
            }
        }
    }

    private readonly struct Identity : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : unmanaged, ISimd<V> => x;

        public double Reference(double x) => x;
    }
}
