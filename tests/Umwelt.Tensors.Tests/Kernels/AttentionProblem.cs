// One attention to test: random tensors in either layout, run by the kernel, and the obvious computation in double.
// Every tensor ends (or begins) at a forbidden page, so that a kernel that reads one element too many faults.
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
    private readonly GuardedBuffer[] _tensors = new GuardedBuffer[Names.Length];
    private readonly GuardedBuffer _logSum;

    public AttentionProblem(AttentionCase shape, GuardSide side = GuardSide.After, int seed = 1)
    {
        Case = shape;
        var random = new Random(seed);
        for (var i = 0; i < Names.Length; i++)
        {
            var (batch, head, time) = Strides(i);
            var (heads, times) = Extents(i);
            var length = ((shape.Batch - 1) * batch) + ((heads - 1) * head) + ((times - 1) * time) + shape.Size;
            _tensors[i] = new GuardedBuffer(times == 0 ? 0 : (int)length, sizeof(float), side);
            for (var j = 0; j < _tensors[i].Length; j++)
            {
                _tensors[i].Floats[j] = i is 3 or > 4 ? float.NaN : (float)((random.NextDouble() * 2) - 1) * (i == 0 ? 3f * shape.Logits : 1f);
            }
        }

        _logSum = new GuardedBuffer(shape.Batch * shape.Heads * shape.Queries, sizeof(float), side);
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
                Query = _tensors[0].Floats,
                Key = _tensors[1].Floats,
                Value = _tensors[2].Floats,
                Output = _tensors[3].Floats,
                OutputGradient = _tensors[4].Floats,
                QueryGradient = _tensors[5].Floats,
                KeyGradient = _tensors[6].Floats,
                ValueGradient = _tensors[7].Floats,
                LogSumExp = _logSum.Floats,
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
        return ref _tensors[tensor].Floats[(batch * b) + (head * h) + (time * t) + d];
    }

    public void Run(WorkerPool pool)
    {
        FlashAttention.Forward(pool, Arguments);
        FlashAttention.Backward(pool, Arguments);
    }

    public float[] Copy(int tensor) => _tensors[tensor].Span.ToArray();

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
            tensor.Dispose();
        }

        _logSum.Dispose();
    }

    public (nint Batch, nint Head, nint Time) Strides(int tensor)
    {
        var (heads, times) = Extents(tensor);
        return Case.Fused
            ? ((nint)times * heads * 3 * Case.Size, Case.Size, (nint)heads * 3 * Case.Size)
            : ((nint)heads * times * Case.Size, (nint)times * Case.Size, Case.Size);
    }

    private (int Heads, int Times) Extents(int tensor) =>
        tensor is 1 or 2 or 6 or 7 ? (Case.KeyHeads, Case.Keys) : (Case.Heads, Case.Queries);
}
