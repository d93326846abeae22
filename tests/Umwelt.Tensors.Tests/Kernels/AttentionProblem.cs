// One attention to test: random tensors in either layout, run by the kernel, and the obvious computation in double.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Attention;

namespace Umwelt.Tensors.Tests.Kernels;

/// <summary>What varies between the cases; <paramref name="Fused"/> is [batch, time, heads, size] with other data between the heads' rows.</summary>
public sealed record AttentionCase(
    int Queries, int Keys, int Size, int Batch = 1, int Heads = 1, int KeyHeads = 1, bool Causal = false, int Window = 0,
    int Offset = 0, bool Fused = false, float Logits = 1f);

internal sealed unsafe class AttentionProblem : IDisposable
{
    public static readonly string[] Names = ["query", "key", "value", "output", "output gradient", "query gradient", "key gradient", "value gradient"];
    private readonly float*[] _tensors = new float*[Names.Length];
    private readonly long[] _lengths = new long[Names.Length];
    private readonly float* _logSum;

    public AttentionProblem(AttentionCase shape, int seed = 1)
    {
        Case = shape;
        var random = new Random(seed);
        for (var i = 0; i < Names.Length; i++)
        {
            var (batch, _, _) = Strides(i);
            _lengths[i] = Math.Max(1, batch * shape.Batch);
            _tensors[i] = (float*)NativeMemory.AlignedAlloc((nuint)_lengths[i] * sizeof(float), 64);
            for (long j = 0; j < _lengths[i]; j++)
            {
                _tensors[i][j] = i is 3 or > 4 ? float.NaN : (float)((random.NextDouble() * 2) - 1) * (i == 0 ? 3f * shape.Logits : 1f);
            }
        }

        _logSum = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, shape.Batch * shape.Heads * shape.Queries) * sizeof(float), 64);
    }

    public AttentionCase Case { get; }

    public AttentionArguments Arguments
    {
        get
        {
            var (qb, qh, qt) = Strides(0);
            var (kb, kh, kt) = Strides(1);
            return new AttentionArguments
            {
                Query = _tensors[0],
                Key = _tensors[1],
                Value = _tensors[2],
                Output = _tensors[3],
                OutputGradient = _tensors[4],
                QueryGradient = _tensors[5],
                KeyGradient = _tensors[6],
                ValueGradient = _tensors[7],
                LogSumExp = _logSum,
                QueryBatch = qb,
                QueryHead = qh,
                QueryTime = qt,
                OutputBatch = qb,
                OutputHead = qh,
                OutputTime = qt,
                OutputGradientBatch = qb,
                OutputGradientHead = qh,
                OutputGradientTime = qt,
                QueryGradientBatch = qb,
                QueryGradientHead = qh,
                QueryGradientTime = qt,
                KeyBatch = kb,
                KeyHead = kh,
                KeyTime = kt,
                ValueBatch = kb,
                ValueHead = kh,
                ValueTime = kt,
                KeyGradientBatch = kb,
                KeyGradientHead = kh,
                KeyGradientTime = kt,
                ValueGradientBatch = kb,
                ValueGradientHead = kh,
                ValueGradientTime = kt,
                Batch = Case.Batch,
                Heads = Case.Heads,
                KeyValueHeads = Case.KeyHeads,
                QueryLength = Case.Queries,
                KeyLength = Case.Keys,
                HeadSize = Case.Size,
                Scale = 1f / MathF.Sqrt(Case.Size),
                Causal = Case.Causal,
                Window = Case.Window,
                KeyOffset = Case.Offset,
            };
        }
    }

    public ref float At(int tensor, int batch, int head, int time, int d)
    {
        var (b, h, t) = Strides(tensor);
        return ref _tensors[tensor][(batch * b) + (head * h) + (time * t) + d];
    }

    public void Run(WorkerPool pool)
    {
        FlashAttention.Forward(pool, Arguments);
        FlashAttention.Backward(pool, Arguments);
    }

    public float[] Copy(int tensor) => new ReadOnlySpan<float>(_tensors[tensor], (int)_lengths[tensor]).ToArray();

    public bool Sees(int query, int key)
    {
        var position = query + Case.Offset;
        return (!Case.Causal || key <= position)
            && (Case.Window == 0 || (key > position - Case.Window && (Case.Causal || key < position + Case.Window)));
    }

    /// <summary>Output and the three gradients, in the order of tensors 3, 5, 6, 7, indexed [batch, head, time, d].</summary>
    public double[][,,,] Expected()
    {
        var c = Case;
        var output = new double[c.Batch, c.Heads, c.Queries, c.Size];
        var queryGradient = new double[c.Batch, c.Heads, c.Queries, c.Size];
        var keyGradient = new double[c.Batch, c.KeyHeads, c.Keys, c.Size];
        var valueGradient = new double[c.Batch, c.KeyHeads, c.Keys, c.Size];
        var scale = (double)Arguments.Scale;
        var weights = new double[c.Keys];
        var slopes = new double[c.Keys];
        for (var index = 0; index < c.Batch * c.Heads * c.Queries; index++)
        {
            var (b, h, i) = (index / c.Queries / c.Heads, index / c.Queries % c.Heads, index % c.Queries);
            var kh = h / (c.Heads / c.KeyHeads);
            var largest = double.NegativeInfinity;
            for (var j = 0; j < c.Keys; j++)
            {
                weights[j] = double.NegativeInfinity;
                if (Sees(i, j))
                {
                    weights[j] = 0;
                    for (var d = 0; d < c.Size; d++)
                    {
                        weights[j] += (double)At(0, b, h, i, d) * At(1, b, kh, j, d) * scale;
                    }
                }

                largest = Math.Max(largest, weights[j]);
            }

            if (double.IsNegativeInfinity(largest))
            {
                continue;
            }

            var sum = 0.0;
            for (var j = 0; j < c.Keys; j++)
            {
                sum += weights[j] = Math.Exp(weights[j] - largest);
            }

            var mean = 0.0;
            for (var j = 0; j < c.Keys; j++)
            {
                weights[j] /= sum;
                slopes[j] = 0;
                for (var d = 0; d < c.Size && weights[j] > 0; d++)
                {
                    output[b, h, i, d] += weights[j] * At(2, b, kh, j, d);
                    slopes[j] += (double)At(4, b, h, i, d) * At(2, b, kh, j, d);
                    valueGradient[b, kh, j, d] += weights[j] * At(4, b, h, i, d);
                }

                mean += weights[j] * slopes[j];
            }

            for (var j = 0; j < c.Keys; j++)
            {
                var slope = weights[j] * (slopes[j] - mean) * scale;
                for (var d = 0; d < c.Size && weights[j] > 0; d++)
                {
                    queryGradient[b, h, i, d] += slope * At(1, b, kh, j, d);
                    keyGradient[b, kh, j, d] += slope * At(0, b, h, i, d);
                }
            }
        }

        return [output, queryGradient, keyGradient, valueGradient];
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors)
        {
            NativeMemory.AlignedFree(tensor);
        }

        NativeMemory.AlignedFree(_logSum);
    }

    public (nint Batch, nint Head, nint Time) Strides(int tensor)
    {
        var isKey = tensor is 1 or 2 or 6 or 7;
        var (heads, times) = isKey ? (Case.KeyHeads, Case.Keys) : (Case.Heads, Case.Queries);
        return Case.Fused
            ? ((nint)times * heads * 3 * Case.Size, Case.Size, (nint)heads * 3 * Case.Size)
            : ((nint)heads * times * Case.Size, (nint)times * Case.Size, Case.Size);
    }
}
