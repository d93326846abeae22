// Weight gradient of 3x3 convolutions with stride one: the adjoint of minimal filtering. Patches and output gradients are
// transformed, sixteen products are summed over the tiles of a chunk of pictures in one chain each, the chunks are added
// in index order, and the sums are transformed back. Chunks depend on the batch and picture size alone.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct WinogradGradientPlan
{
    public ConvolutionArguments A;
    public WinogradTiles Tiles;
    public float* Partials;
    public float* Zeros;
    public byte** WorkerScratch;
    public int Lanes;
    public int Chunks;
    public int ChunkPictures;
    public int Parts;

    public readonly int Registers => A.OutputChannels / Lanes;

    public readonly int PartStart(int part) => Registers * part / Parts;

    public readonly nint PartialFloats => (nint)WinogradTransforms.Points * A.InputChannels * A.OutputChannels;
}

internal static unsafe class WinogradWeightGradient
{
    private const int BlockBytes = 512 * 1024;

    public static void Run<V>(WorkerPool pool, in ConvolutionArguments a)
        where V : unmanaged, ISimd<V>
    {
        var plan = new WinogradGradientPlan
        {
            A = a,
            Lanes = V.Count,
            Tiles = new WinogradTiles(a.OutputHeight, a.OutputWidth, a.InputChannels + a.OutputChannels, BlockBytes),
            ChunkPictures = WeightGradient.ChunkPictures(a),
        };
        plan.Chunks = (a.Batch + plan.ChunkPictures - 1) / plan.ChunkPictures;
        plan.Parts = plan.Chunks >= 2 * pool.Threads || plan.Chunks % pool.Threads == 0 ? 1 : Math.Min(pool.Threads, plan.Registers);
        var zeros = Math.Max(Math.Max(a.InputChannels, a.OutputChannels), BroadcastTile.MaximumRegisters * V.Count);
        var bytes = (nuint)((plan.Chunks * plan.PartialFloats) + zeros) * sizeof(float);
        var memory = (byte*)pool.Scratch(pool.Threads, bytes + ((nuint)pool.Threads * (nuint)sizeof(byte*)));
        plan.Partials = (float*)memory;
        plan.Zeros = plan.Partials + (plan.Chunks * plan.PartialFloats);
        plan.WorkerScratch = (byte**)(memory + bytes);
        new Span<float>(plan.Zeros, zeros).Clear();
        var floats = WinogradTransforms.Points * (plan.Tiles.PointPitch(a.InputChannels) + plan.Tiles.PointPitch(a.OutputChannels));
        for (var worker = 0; worker < pool.Threads; worker++)
        {
            plan.WorkerScratch[worker] = (byte*)pool.Scratch(worker, (nuint)(floats + plan.Tiles.Block) * sizeof(float));
        }

        pool.Run(plan.Chunks * plan.Parts, &Part<V>, &plan);
        pool.Run(a.InputChannels, &Combine<V>, &plan);
    }

    /// <summary>All tiles of one chunk for one part of the output channels.</summary>
    private static void Part<V>(void* context, int index, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WinogradGradientPlan*)context;
        ref readonly var a = ref plan.A;
        var part = index % plan.Parts;
        var chunk = index / plan.Parts;
        var start = plan.PartStart(part) * V.Count;
        var outputs = (plan.PartStart(part + 1) * V.Count) - start;
        var patches = (float*)plan.WorkerScratch[worker];
        var patchPitch = plan.Tiles.PointPitch(a.InputChannels);
        var gradients = patches + (WinogradTransforms.Points * patchPitch);
        var gradientPitch = plan.Tiles.PointPitch(a.OutputChannels);
        var offsets = (int*)(gradients + (WinogradTransforms.Points * gradientPitch));
        for (var tile = 0; tile < plan.Tiles.Block; tile++)
        {
            offsets[tile] = tile * a.InputChannels * sizeof(float);
        }

        var pixels = stackalloc float*[16];
        var first = plan.Tiles.OfPictures(chunk * plan.ChunkPictures);
        var last = plan.Tiles.OfPictures(Math.Min(a.Batch, (chunk + 1) * plan.ChunkPictures));
        for (var block = first; block < last; block += plan.Tiles.Block)
        {
            var tiles = Math.Min(plan.Tiles.Block, last - block);
            for (var tile = 0; tile < tiles; tile++)
            {
                plan.Tiles.Patch(
                    block + tile, a.Input, a.InputHeight, a.InputWidth, a.InputChannels, -a.PadTop, -a.PadLeft, plan.Zeros, pixels);
                WinogradTransforms.Patch<V>(pixels, a.InputChannels, patches + ((nint)tile * a.InputChannels), patchPitch);
                plan.Tiles.Pixels(block + tile, a.Output, a.OutputChannels, null, pixels);
                for (var i = 0; i < 4; i++)
                {
                    pixels[i] = pixels[i] == null ? plan.Zeros : pixels[i] + start;
                }

                WinogradTransforms.OutputGradients<V>(pixels, outputs, gradients + ((nint)tile * outputs), gradientPitch);
            }

            var target = plan.Partials + (chunk * plan.PartialFloats) + start;
            Multiply<V>(plan, patches, gradients, offsets, tiles, outputs, target, block == first);
        }
    }

    private static void Multiply<V>(
        in WinogradGradientPlan plan, float* patches, float* gradients, int* offsets, int tiles, int outputs, float* target, bool isFirst)
        where V : unmanaged, ISimd<V>
    {
        var sources = stackalloc float*[BroadcastTile.MaximumRows];
        var destinations = stackalloc float*[BroadcastTile.MaximumRows];
        var results = stackalloc float[BroadcastTile.MaximumRows * BroadcastTile.MaximumRegisters * V.Count];
        var product = new BroadcastTile
        {
            Sources = sources,
            Destinations = destinations,
            Results = results,
            Offsets = offsets,
            Steps = tiles,
            FactorStep = outputs * sizeof(float),
            Initial = plan.Zeros,
            IsFresh = isFirst,
        };
        var inputs = plan.A.InputChannels;
        var rowsAtOnce = BroadcastTile.RowsAtOnce<V>();
        var registers = outputs / V.Count;
        var panels = CorrelationPlan.PanelsOf(registers);
        for (var point = 0; point < WinogradTransforms.Points; point++)
        {
            var patch = patches + (point * plan.Tiles.PointPitch(inputs));
            for (var panel = 0; panel < panels; panel++)
            {
                var start = registers * panel / panels * V.Count;
                product.Lanes = (registers * (panel + 1) / panels * V.Count) - start;
                product.Factors = gradients + (point * plan.Tiles.PointPitch(plan.A.OutputChannels)) + start;
                for (var input = 0; input < inputs; input += rowsAtOnce)
                {
                    product.Rows = rowsAtOnce;
                    for (var row = 0; row < rowsAtOnce; row++)
                    {
                        sources[row] = patch + input + row;
                        destinations[row] = target + ((((nint)point * inputs) + input + row) * plan.A.OutputChannels) + start;
                    }

                    BroadcastTile.Run<V>(ref product, product.Lanes / V.Count);
                }
            }
        }
    }

    /// <summary>Adds the chunks of one input channel in index order and transforms the sums to its nine taps.</summary>
    private static void Combine<V>(void* context, int input, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WinogradGradientPlan*)context;
        ref readonly var a = ref plan.A;
        var points = stackalloc V[WinogradTransforms.Points];
        var pitch = (nint)a.InputChannels * a.OutputChannels;
        for (var output = 0; output < a.OutputChannels; output += V.Count)
        {
            var at = ((nint)input * a.OutputChannels) + output;
            for (var point = 0; point < WinogradTransforms.Points; point++)
            {
                var sum = V.Load(plan.Partials + (point * pitch) + at);
                for (var chunk = 1; chunk < plan.Chunks; chunk++)
                {
                    sum += V.Load(plan.Partials + (chunk * plan.PartialFloats) + (point * pitch) + at);
                }

                points[point] = sum;
            }

            for (var tap = 0; tap < 9; tap++)
            {
                V.Store(WinogradTransforms.WeightGradient(points, tap / 3, tap % 3), a.Weight + (tap * pitch) + at);
            }
        }
    }
}
