// A few moments of a selective scan, one channel after the other: how a dream runs. Lanes are states, which lie side by
// side where the caller keeps them, so nothing is rearranged.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class SelectiveScanStep
{
    /// <summary>Up to so many moments this is faster than rearranging the states.</summary>
    public const int Moments = 4;

    public static void Run<V>(in SelectiveScanArguments a, int batch, int firstChannel, int endChannel, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        ScanBlock.WriteConstants(scratch);
        var exponential = new NonPositiveExponential<V>(scratch);
        for (var c = firstChannel; c < endChannel; c++)
        {
            var h = a.FinalState + a.StateAt(batch, c);
            var target = new Span<float>(h, a.States);
            if (a.State == null)
            {
                target.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(a.State + a.StateAt(batch, c), a.States).CopyTo(target);
            }

            for (var n = 0; a.Kept != null && a.Time > 0 && n < a.States; n++)
            {
                a.KeptAt(batch, 0, c)[(nint)n * a.Channels] = h[n];
            }

            var rates = a.Decay + ((nint)c * a.States);
            for (var t = 0; t < a.Time; t++)
            {
                var (step, dx) = (a.Delta.At(batch, t)[c], a.Delta.At(batch, t)[c] * a.X.At(batch, t)[c]);
                var input = a.Input.At(batch, t);
                var output = a.Output.At(batch, t);
                var sum = V.Zero;
                for (var n = 0; n < a.States; n += V.Count)
                {
                    var lanes = Math.Min(V.Count, a.States - n);
                    var kept = exponential.Of(V.Broadcast(step) * Lanes.Load<V>(rates + n, lanes));
                    var state = V.MultiplyAdd(kept, Lanes.Load<V>(h + n, lanes), V.Broadcast(dx) * Lanes.Load<V>(input + n, lanes));
                    state = ChunkGates.Flushed(state);
                    Lanes.Store(state, h + n, lanes);
                    sum = V.MultiplyAdd(Lanes.Load<V>(output + n, lanes), state, sum);
                }

                a.Y.At(batch, t)[c] = V.Sum(sum);
            }
        }
    }
}
