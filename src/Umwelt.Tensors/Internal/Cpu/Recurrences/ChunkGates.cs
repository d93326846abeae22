// The gates of one chunk as sums of logarithms. What moment s put in counts at moment t as exp(from(t) + to(s)), where
// from(t) = F(t) − m(t), to(s) = i(s) − F(s), F is the sum of log decays since the chunk began and m the stabiliser.
// Each sum is kept as two floats, so that differences of long decays are as exact as those of short ones.
// The stabiliser is rounded to single precision at each moment: any value near the largest exponent serves, and so a
// sequence cut anywhere goes on from the number it handed over.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct ChunkGates
{
    /// <summary>Floats of scratch memory.</summary>
    public const int Floats = 8 * Size;

    /// <summary>A gate below this is shut: its exponential is 0, and sums of such logarithms stay finite.</summary>
    public const float LeastLogGate = -1e4f;

    /// <summary>Numbers below this become 0: 2⁻¹²⁶, the least that every processor handles at full speed.</summary>
    public const float SmallestNormal = 1.17549435e-38f;

    private const int Size = LinearAttention.Chunk;
    private const float SmallestExponent = -87.3365402f;
    private readonly float* _fromHigh;
    private readonly float* _fromLow;
    private readonly float* _toHigh;
    private readonly float* _toLow;

    public ChunkGates(float* scratch)
    {
        _fromHigh = scratch;
        _fromLow = scratch + Size;
        _toHigh = scratch + (2 * Size);
        _toLow = scratch + (3 * Size);
        Carried = scratch + (4 * Size);
        ScaledCarried = scratch + (5 * Size);
        Kept = scratch + (6 * Size);
        Bounds = scratch + (7 * Size);
    }

    /// <summary>How much of the chunk's first state counts at each moment; the same times the scale of the queries.</summary>
    public float* Carried { get; }

    public float* ScaledCarried { get; }

    /// <summary>How much of what each moment put in is left at the chunk's end.</summary>
    public float* Kept { get; }

    /// <summary>e^−m of each moment: the least that answers are divided by.</summary>
    public float* Bounds { get; }

    /// <summary>The stabiliser after the chunk.</summary>
    public float Stabiliser { get; private set; }

    public void Prepare<V>(in LinearAttentionArguments a, int batch, int head, int first, int count, float stabiliser)
        where V : unmanaged, ISimd<V>
    {
        new Span<float>(_fromHigh, Floats).Clear();
        var sum = 0.0;
        var m = a.IsNormalised ? stabiliser : 0f;
        var before = m;
        for (var t = 0; t < count; t++)
        {
            double decay = MathF.Max(LeastLogGate, *a.Decay.At(batch, first + t, head));
            double input = a.InputGate.IsPresent ? MathF.Max(LeastLogGate, *a.InputGate.At(batch, first + t, head)) : 0f;
            sum += decay;
            m = a.IsNormalised ? (float)Math.Max(decay + m, input) : 0f;
            (_fromHigh[t], _fromLow[t]) = Pair(sum - m);
            (_toHigh[t], _toLow[t]) = Pair(input - sum);
            Bounds[t] = -m;
        }

        Stabiliser = m;
        var fromEndHigh = V.Broadcast(_fromHigh[count - 1]);
        var fromEndLow = V.Broadcast(_fromLow[count - 1]);
        for (var t = 0; t < count; t += V.Count)
        {
            var carried = Decayed(V.Load(_fromHigh + t) + V.Broadcast(before) + V.Load(_fromLow + t));
            V.Store(carried, Carried + t);
            V.Store(carried * V.Broadcast(a.Scale), ScaledCarried + t);
            V.Store(Decayed(fromEndHigh + V.Load(_toHigh + t) + (fromEndLow + V.Load(_toLow + t))), Kept + t);
            V.Store(SimdMath.Exp(V.Load(Bounds + t)), Bounds + t);
        }
    }

    /// <summary>The weights at moment <paramref name="t"/> of what one register of moments put in; later ones hold any value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Weights<V>(int t, int lane)
        where V : unmanaged, ISimd<V> => Decayed(
            V.Broadcast(_fromHigh[t]) + V.Load(_toHigh + lane) + (V.Broadcast(_fromLow[t]) + V.Load(_toLow + lane)));

    /// <summary>x, and 0 where it is too small for arithmetic at full speed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Flushed<V>(V x)
        where V : unmanaged, ISimd<V> => V.Select(V.Less(V.Abs(x), V.Broadcast(SmallestNormal)), V.Zero, x);

    /// <summary>Flushes whole registers in place.</summary>
    public static void Flush<V>(float* values, nint count)
        where V : unmanaged, ISimd<V>
    {
        for (nint i = 0; i < count; i += V.Count)
        {
            V.Store(Flushed(V.Load(values + i)), values + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Decayed<V>(V x)
        where V : unmanaged, ISimd<V> => V.Select(V.Less(x, V.Broadcast(SmallestExponent)), V.Zero, SimdMath.Exp(x));

    private static (float High, float Low) Pair(double x)
    {
        var high = (float)x;
        return (high, (float)(x - high));
    }
}
