// What follows the sum of a product, while its rows are still in the nearest cache: bias, then activation.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal interface IEpilogueOperator
{
    static abstract V Apply<V>(V x)
        where V : unmanaged, ISimd<V>;
}

internal static unsafe class Epilogue
{
    /// <summary>c[i, j] = activation(c[i, j] + bias[j]); a null bias adds nothing.</summary>
    public static void Apply<V>(Activation activation, float* bias, float* c, nint cRow, int rows, int columns)
        where V : unmanaged, ISimd<V>
    {
        switch (activation)
        {
            case Activation.None when bias != null: Apply<V, Identity>(bias, c, cRow, rows, columns); break;
            case Activation.None: break;
            case Activation.Relu: Apply<V, Relu>(bias, c, cRow, rows, columns); break;
            default: throw new ArgumentOutOfRangeException(nameof(activation));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<V, TOperator>(float* bias, float* c, nint cRow, int rows, int columns)
        where V : unmanaged, ISimd<V>
        where TOperator : IEpilogueOperator
    {
        for (; rows > 0; rows--, c += cRow)
        {
            var j = 0;
            for (; j + V.Count <= columns; j += V.Count)
            {
                var x = V.Load(c + j);
                V.Store(TOperator.Apply(bias != null ? x + V.Load(bias + j) : x), c + j);
            }

            if (j < columns)
            {
                var rest = columns - j;
                var x = V.LoadPartial(c + j, rest);
                V.StorePartial(TOperator.Apply(bias != null ? x + V.LoadPartial(bias + j, rest) : x), c + j, rest);
            }
        }
    }

    private readonly struct Identity : IEpilogueOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x)
            where V : unmanaged, ISimd<V> => x;
    }

    private readonly struct Relu : IEpilogueOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V>(V x)
            where V : unmanaged, ISimd<V> => V.Max(x, V.Zero);
    }
}
