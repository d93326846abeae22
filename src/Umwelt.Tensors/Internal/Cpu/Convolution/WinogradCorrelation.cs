// Forward and input gradient of 3x3 convolutions with stride one by Winograd's minimal filtering: blocks of tiles are
// transformed, multiplied point by point with the transformed weights and transformed back. Each product is one chain
// over the channels, each output a fixed tree over sixteen of them, whatever the block, batch or thread.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct WinogradPlan
{
    public CorrelationPlan Correlation;
    public WinogradTiles Tiles;
    public float* Weights;
    public float* Zeros;
    public int Total;
    public int Block;

    public readonly int Sources => Correlation.SourceChannels;

    public readonly int Destinations => Correlation.DestinationChannels;

    /// <summary>Room for transformed weights.</summary>
    public static nuint WeightFloats(int sources, int destinations) => (nuint)WinogradTransforms.Points * (nuint)sources * (nuint)destinations;

    /// <summary>Room for what stands for pixels outside the picture.</summary>
    public static nuint ZeroFloats(int sources) => (nuint)Math.Max(sources, BroadcastTile.MaximumRegisters * 16);
}

internal static unsafe class WinogradCorrelation
{
    private const int BlockBytes = 512 * 1024;

    /// <summary>Transforms weights that are packed in panels: [panel][point][source][lane].</summary>
    public static void TransformWeights<V>(WorkerPool pool, in CorrelationPlan correlation, float* weights)
        where V : unmanaged, ISimd<V>
    {
        var plan = new WinogradPlan { Correlation = correlation, Weights = weights };
        pool.Run(plan.Sources, &TransformSource<V>, &plan);
    }

    /// <summary>Runs a plan with transformed weights; <paramref name="zeros"/> has room for the floats of a pixel that is none.</summary>
    public static void Run<V>(WorkerPool pool, in CorrelationPlan correlation, float* weights, float* zeros)
        where V : unmanaged, ISimd<V>
    {
        var plan = new WinogradPlan
        {
            Correlation = correlation,
            Tiles = new WinogradTiles(correlation.Y.DestinationSize, correlation.X.DestinationSize, correlation.SourceChannels + correlation.DestinationChannels, BlockBytes),
            Weights = weights,
            Zeros = zeros,
        };
        plan.Total = plan.Tiles.OfPictures(correlation.Batch);
        plan.Block = Math.Clamp(((plan.Total / (4 * pool.Threads)) + 7) & ~7, 8, plan.Tiles.Block);
        new Span<float>(zeros, (int)WinogradPlan.ZeroFloats(plan.Sources)).Clear();
        var floats = WinogradTransforms.Points * (plan.Tiles.PointPitch(plan.Sources) + plan.Tiles.PointPitch(plan.Destinations));
        for (var worker = 0; worker < pool.Threads; worker++)
        {
            plan.Correlation.WorkerScratch[worker] = (byte*)pool.Scratch(worker, (nuint)(floats + plan.Sources) * sizeof(float));
        }

        pool.Run((plan.Total + plan.Block - 1) / plan.Block, &Block<V>, &plan);
    }

    private static void TransformSource<V>(void* context, int source, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WinogradPlan*)context;
        ref readonly var correlation = ref plan.Correlation;
        for (var panel = 0; panel < correlation.PanelCount; panel++)
        {
            var start = correlation.PanelStart(panel) * V.Count;
            var width = (correlation.PanelStart(panel + 1) * V.Count) - start;
            var from = correlation.Panels + ((nint)start * 9 * plan.Sources) + ((nint)source * width);
            var to = plan.Weights + ((nint)start * WinogradTransforms.Points * plan.Sources) + ((nint)source * width);
            for (var lane = 0; lane < width; lane += V.Count)
            {
                WinogradTransforms.Weights<V>(from + lane, (nint)plan.Sources * width, to + lane, (nint)plan.Sources * width);
            }
        }
    }

    private static void Block<V>(void* context, int block, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WinogradPlan*)context;
        ref readonly var correlation = ref plan.Correlation;
        var first = block * plan.Block;
        var tiles = Math.Min(plan.Block, plan.Total - first);
        var sourcePitch = plan.Tiles.PointPitch(plan.Sources);
        var productPitch = plan.Tiles.PointPitch(plan.Destinations);
        var patches = (float*)correlation.WorkerScratch[worker];
        var products = patches + (WinogradTransforms.Points * sourcePitch);
        var offsets = (int*)(products + (WinogradTransforms.Points * productPitch));
        for (var source = 0; source < plan.Sources; source++)
        {
            offsets[source] = source * sizeof(float);
        }

        var pixels = stackalloc float*[16];
        for (var tile = 0; tile < tiles; tile++)
        {
            plan.Tiles.Patch(
                first + tile, correlation.Source, correlation.Y.SourceSize, correlation.X.SourceSize, plan.Sources,
                correlation.Y.Least, correlation.X.Least, plan.Zeros, pixels);
            WinogradTransforms.Patch<V>(pixels, plan.Sources, patches + ((nint)tile * plan.Sources), sourcePitch);
        }

        Multiply<V>(plan, patches, products, offsets, tiles);
        for (var tile = 0; tile < tiles; tile++)
        {
            plan.Tiles.Pixels(first + tile, correlation.Destination, plan.Destinations, null, pixels);
            WinogradTransforms.Outputs<V>(products + ((nint)tile * plan.Destinations), productPitch, correlation.Initial, plan.Destinations, pixels);
        }
    }

    private static void Multiply<V>(in WinogradPlan plan, float* patches, float* products, int* offsets, int tiles)
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
            Steps = plan.Sources,
            Initial = plan.Zeros,
            IsFresh = true,
        };
        var rowsAtOnce = BroadcastTile.RowsAtOnce<V>();
        for (var point = 0; point < WinogradTransforms.Points; point++)
        {
            var patch = patches + (point * plan.Tiles.PointPitch(plan.Sources));
            var target = products + (point * plan.Tiles.PointPitch(plan.Destinations));
            for (var panel = 0; panel < plan.Correlation.PanelCount; panel++)
            {
                var start = plan.Correlation.PanelStart(panel) * V.Count;
                product.Lanes = (plan.Correlation.PanelStart(panel + 1) * V.Count) - start;
                product.FactorStep = product.Lanes * sizeof(float);
                product.Factors = plan.Weights + ((nint)start * WinogradTransforms.Points * plan.Sources) + ((nint)point * plan.Sources * product.Lanes);
                for (var tile = 0; tile < tiles; tile += rowsAtOnce)
                {
                    product.Rows = Math.Min(rowsAtOnce, tiles - tile);
                    for (var row = 0; row < rowsAtOnce; row++)
                    {
                        nint at = tile + Math.Min(row, product.Rows - 1);
                        sources[row] = patch + (at * plan.Sources);
                        destinations[row] = target + (at * plan.Destinations) + start;
                    }

                    BroadcastTile.Run<V>(ref product, product.Lanes / V.Count);
                }
            }
        }
    }
}
