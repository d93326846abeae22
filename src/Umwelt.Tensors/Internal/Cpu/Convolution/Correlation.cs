// Runs a CorrelationPlan: packs the weights, then lets every worker take blocks of grid rows of one picture, copy the
// source rows with their border of zeros when padding touches them, and run register tiles over (panel, pixels).
// Cuts are over independent destinations only, so neither threads nor batch change a bit of the result.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal struct ConvolutionJob
{
    public WorkerPool Pool;
    public ConvolutionArguments Arguments;
}

internal sealed unsafe class ForwardKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V> => Correlation.Run<V>(job.Pool, job.Arguments, transposed: false);
}

internal sealed unsafe class PackKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V> => Correlation.Pack<V>(job.Pool, job.Arguments);
}

internal sealed unsafe class InputGradientKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V> => Correlation.Run<V>(job.Pool, job.Arguments, transposed: true);
}

internal static unsafe class Correlation
{
    private const int SourceBlockBytes = 128 * 1024;
    private const int TilesEachThread = 8;

    public static void Run<V>(WorkerPool pool, in ConvolutionArguments a, bool transposed)
        where V : unmanaged, ISimd<V>
    {
        var winograd = WinogradTiles.Suits(a);
        var packed = winograd && !transposed ? a.Packed : null;
        var (sources, destinations) = transposed ? (a.OutputChannels, a.InputChannels) : (a.InputChannels, a.OutputChannels);
        var zeros = winograd ? WinogradPlan.ZeroFloats(sources) : 0;
        var weights = winograd && packed == null ? WinogradPlan.WeightFloats(sources, destinations) : 0;
        var plan = Plan<V>(pool, a, transposed, packs: packed == null, zeros + weights);
        FillInitial(plan, a.Bias);
        if (packed == null)
        {
            pool.Run(plan.Groups * plan.Y.Taps * plan.X.Taps, &WeightPanels.PackTap, &plan);
        }

        if (winograd)
        {
            if (packed == null)
            {
                packed = plan.Rest + zeros;
                WinogradCorrelation.TransformWeights<V>(pool, plan, packed);
            }

            WinogradCorrelation.Run<V>(pool, plan, packed, plan.Rest);
            return;
        }

        Cut(ref plan, pool);
        pool.Run(plan.Batch * plan.Blocks * plan.Splits, &Block<V>, &plan);
    }

    /// <summary>Fills <see cref="ConvolutionArguments.Packed"/> from the weight, in the form that minimal filtering reads.</summary>
    public static void Pack<V>(WorkerPool pool, in ConvolutionArguments a)
        where V : unmanaged, ISimd<V>
    {
        var plan = Plan<V>(pool, a, transposed: false, packs: true, rest: 0);
        pool.Run(plan.Y.Taps * plan.X.Taps, &WeightPanels.PackTap, &plan);
        WinogradCorrelation.TransformWeights<V>(pool, plan, a.Packed);
    }

    /// <summary>Sizes, taps and shared memory: room for panels if there are to be any, for the bias, and for so many floats more.</summary>
    private static CorrelationPlan Plan<V>(WorkerPool pool, in ConvolutionArguments a, bool transposed, bool packs, nuint rest)
        where V : unmanaged, ISimd<V>
    {
        var plan = new CorrelationPlan
        {
            Batch = a.Batch,
            Groups = a.Groups,
            Source = transposed ? a.Output : a.Input,
            Destination = transposed ? a.Input : a.Output,
            SourceChannels = transposed ? a.OutputChannels : a.InputChannels,
            DestinationChannels = transposed ? a.InputChannels : a.OutputChannels,
            Weight = a.Weight,
            WeightChannels = a.OutputChannels,
            Lanes = V.Count,
            Transposed = transposed,
        };
        plan.Registers = (plan.GroupDestinations + V.Count - 1) / V.Count;

        var panelFloats = packs ? (nuint)a.KernelHeight * (nuint)a.KernelWidth * (nuint)plan.SourceChannels * (nuint)plan.PaddedDestinations : 0;
        var initialFloats = (nuint)(plan.Groups * plan.PaddedDestinations);
        var integers = TapAxis.Integers(a.KernelHeight, a.StrideY) + TapAxis.Integers(a.KernelWidth, a.StrideX);
        var bytes = (panelFloats + initialFloats + rest) * sizeof(float);
        var memory = (byte*)pool.Scratch(pool.Threads, bytes + ((nuint)pool.Threads * (nuint)sizeof(byte*)) + ((nuint)integers * sizeof(int)));
        plan.Panels = (float*)memory;
        plan.Initial = plan.Panels + panelFloats;
        plan.Rest = plan.Initial + initialFloats;
        plan.WorkerScratch = (byte**)(memory + bytes);
        var tableY = (int*)(plan.WorkerScratch + pool.Threads);
        var tableX = tableY + TapAxis.Integers(a.KernelHeight, a.StrideY);
        if (transposed)
        {
            plan.Y = TapAxis.Gradient(a.OutputHeight, a.InputHeight, a.KernelHeight, a.StrideY, a.PadTop, a.DilationY, tableY);
            plan.X = TapAxis.Gradient(a.OutputWidth, a.InputWidth, a.KernelWidth, a.StrideX, a.PadLeft, a.DilationX, tableX);
        }
        else
        {
            plan.Y = TapAxis.Forward(a.InputHeight, a.OutputHeight, a.KernelHeight, a.StrideY, a.PadTop, a.DilationY, tableY);
            plan.X = TapAxis.Forward(a.InputWidth, a.OutputWidth, a.KernelWidth, a.StrideX, a.PadLeft, a.DilationX, tableX);
        }

        return plan;
    }

    private static void FillInitial(in CorrelationPlan plan, float* bias)
    {
        var initial = new Span<float>(plan.Initial, plan.Groups * plan.PaddedDestinations);
        initial.Clear();
        for (var group = 0; bias != null && group < plan.Groups; group++)
        {
            new ReadOnlySpan<float>(bias + (group * plan.GroupDestinations), plan.GroupDestinations)
                .CopyTo(initial[(group * plan.PaddedDestinations)..]);
        }
    }

    /// <summary>Blocks whose source rows fit the second-level cache, yet enough of them to keep every thread busy.</summary>
    private static void Cut(ref CorrelationPlan plan, WorkerPool pool)
    {
        var rowBytes = plan.X.Reach(plan.X.Grid) * plan.SourceChannels * sizeof(float);
        var fitting = Math.Max(1, SourceBlockBytes / (rowBytes * plan.Y.SourceStep));
        var sharing = Math.Max((32 + plan.X.Grid - 1) / plan.X.Grid, plan.Y.Grid * plan.Batch / (TilesEachThread * pool.Threads));
        plan.BlockRows = Math.Min(plan.Y.Grid, Math.Min(fitting, Math.Max(1, sharing)));
        plan.Blocks = (plan.Y.Grid + plan.BlockRows - 1) / plan.BlockRows;
        var tiles = plan.Batch * plan.Blocks;
        plan.Splits = Math.Clamp(pool.Threads * 4 / tiles, 1, plan.PanelCount);
        var scratch = (nuint)plan.Y.Reach(plan.BlockRows) * (nuint)rowBytes;
        for (var worker = 0; worker < pool.Threads; worker++)
        {
            plan.WorkerScratch[worker] = (byte*)pool.Scratch(worker, (nuint)plan.OffsetBytes + scratch);
        }
    }

    private static void Block<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(CorrelationPlan*)context;
        var split = tile % plan.Splits;
        var block = tile / plan.Splits % plan.Blocks;
        var picture = tile / plan.Splits / plan.Blocks;
        var firstRow = block * plan.BlockRows;
        var rows = Math.Min(plan.BlockRows, plan.Y.Grid - firstRow);
        var offsets = (int*)plan.WorkerScratch[worker];
        var scratch = plan.WorkerScratch[worker] + plan.OffsetBytes;
        var source = BorderedRows.Get(
            plan.Source + ((nint)picture * plan.Y.SourceSize * plan.X.SourceSize * plan.SourceChannels),
            plan.Y.SourceSize,
            plan.X.SourceSize,
            plan.SourceChannels,
            (firstRow * plan.Y.SourceStep) + plan.Y.Least,
            plan.Y.Reach(rows),
            plan.X.Least,
            plan.X.Reach(plan.X.Grid),
            (float*)scratch,
            out var pitch);
        for (var phaseY = 0; phaseY < plan.Y.Phases; phaseY++)
        {
            var phaseRows = Math.Min(rows, plan.Y.PhaseSize(phaseY) - firstRow);
            for (var phaseX = 0; phaseX < plan.X.Phases; phaseX++)
            {
                var phase = new PhaseBlock
                {
                    PhaseY = phaseY,
                    PhaseX = phaseX,
                    Source = source,
                    Pitch = pitch,
                    Picture = picture,
                    FirstRow = firstRow,
                    Rows = phaseRows,
                    Columns = plan.X.PhaseSize(phaseX),
                };
                for (var group = 0; phaseRows > 0 && group < plan.Groups; group++)
                {
                    RunPhase<V>(plan, phase, group, split, offsets);
                }
            }
        }
    }

    private static void RunPhase<V>(in CorrelationPlan plan, in PhaseBlock phase, int group, int split, int* offsets)
        where V : unmanaged, ISimd<V>
    {
        var sources = stackalloc float*[BroadcastTile.MaximumRows];
        var destinations = stackalloc float*[BroadcastTile.MaximumRows];
        var results = stackalloc float[BroadcastTile.MaximumRows * BroadcastTile.MaximumRegisters * V.Count];
        var tile = new BroadcastTile
        {
            Sources = sources,
            Destinations = destinations,
            Results = results,
            Offsets = offsets,
            Steps = FillOffsets(plan, phase, group, offsets),
            IsFresh = true,
        };
        var rowsOfPhase = plan.Y.PhaseTaps(phase.PhaseY) * plan.X.PhaseTaps(phase.PhaseX) * plan.GroupSources;
        var panels = plan.PhasePanels(group, phase.PhaseY, phase.PhaseX);
        var rowsAtOnce = BroadcastTile.RowsAtOnce<V>();
        var pixels = phase.Rows * phase.Columns;
        var sourceRow = (nint)plan.Y.SourceStep * phase.Pitch;
        var sourceColumn = (nint)plan.X.SourceStep * plan.SourceChannels;
        var destinationRow = (nint)plan.Y.Phases * plan.X.DestinationSize * plan.DestinationChannels;
        var destinationColumn = (nint)plan.X.Phases * plan.DestinationChannels;
        var first = plan.Destination
            + ((((nint)phase.Picture * plan.Y.DestinationSize) + ((nint)phase.FirstRow * plan.Y.Phases) + phase.PhaseY)
                * plan.X.DestinationSize * plan.DestinationChannels)
            + ((nint)phase.PhaseX * plan.DestinationChannels)
            + (group * plan.GroupDestinations);
        for (var panel = plan.PanelCount * split / plan.Splits; panel < plan.PanelCount * (split + 1) / plan.Splits; panel++)
        {
            var start = plan.PanelStart(panel);
            var registers = plan.PanelStart(panel + 1) - start;
            tile.Factors = panels + ((nint)start * V.Count * rowsOfPhase);
            tile.FactorStep = registers * V.Count * sizeof(float);
            tile.Initial = plan.Initial + (group * plan.PaddedDestinations) + (start * V.Count);
            tile.Lanes = Math.Min(registers * V.Count, plan.GroupDestinations - (start * V.Count));
            int y = 0, x = 0;
            for (var pixel = 0; pixel < pixels; pixel += rowsAtOnce)
            {
                tile.Rows = Math.Min(rowsAtOnce, pixels - pixel);
                for (var row = 0; row < rowsAtOnce; row++)
                {
                    sources[row] = phase.Source + (y * sourceRow) + (x * sourceColumn);
                    destinations[row] = first + (y * destinationRow) + (x * destinationColumn) + (start * V.Count);
                    if (row < tile.Rows - 1 && ++x == phase.Columns)
                    {
                        x = 0;
                        y++;
                    }
                }

                BroadcastTile.Run<V>(ref tile, registers);
                if (++x == phase.Columns)
                {
                    x = 0;
                    y++;
                }
            }
        }
    }

    /// <summary>Where a pixel's source values lie from its own, in the order of the packed weights.</summary>
    private static int FillOffsets(in CorrelationPlan plan, in PhaseBlock phase, int group, int* offsets)
    {
        var count = 0;
        for (var y = plan.Y.Start[phase.PhaseY]; y < plan.Y.Start[phase.PhaseY + 1]; y++)
        {
            for (var x = plan.X.Start[phase.PhaseX]; x < plan.X.Start[phase.PhaseX + 1]; x++)
            {
                var first = ((plan.Y.Offset[y] - plan.Y.Least) * phase.Pitch)
                    + ((plan.X.Offset[x] - plan.X.Least) * plan.SourceChannels)
                    + (group * plan.GroupSources);
                for (var channel = 0; channel < plan.GroupSources; channel++)
                {
                    offsets[count++] = (int)(first + channel) * sizeof(float);
                }
            }
        }

        return count;
    }

    /// <summary>The part of one phase that a block computes.</summary>
    private ref struct PhaseBlock
    {
        public float* Source;
        public nint Pitch;
        public int PhaseY;
        public int PhaseX;
        public int Picture;
        public int FirstRow;
        public int Rows;
        public int Columns;
    }
}
