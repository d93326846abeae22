// Gradient for the weights: a product that sums over the pixels of the batch. Pictures are cut into chunks that depend on
// the batch and picture size alone; within a chunk every weight is one chain over its pixels, and the chunks' partial
// sums are added in index order. Threads share chunks and, as independent results, parts of the weights.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal sealed unsafe class WeightGradientKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        if (WinogradTiles.Suits(job.Arguments))
        {
            WinogradWeightGradient.Run<V>(job.Pool, job.Arguments);
        }
        else
        {
            WeightGradient.Run<V>(job.Pool, job.Arguments);
        }
    }
}

internal unsafe struct WeightGradientPlan
{
    public ConvolutionArguments A;
    public float* Partials;
    public float* Zeros;
    public byte** WorkerScratch;
    public int Lanes;
    public int Registers;
    public int Chunks;
    public int ChunkPictures;
    public int BlockPictures;
    public int BlockRows;
    public int Parts;
    public int Shares;

    /// <summary>Runs of weight rows whose source values lie side by side: a row of taps, or a single tap.</summary>
    public int Runs;
    public int RunLength;
    public int RunTiles;
    public bool CopiesGradient;

    public readonly int PaddedOutputs => Registers * Lanes;

    public readonly int PanelCount => CorrelationPlan.PanelsOf(Registers);

    public readonly int PanelStart(int panel) => Registers * panel / PanelCount;

    public readonly int Units => A.Groups * PanelCount * Runs * RunTiles;

    public readonly nint WeightRows => (nint)A.KernelHeight * A.KernelWidth * A.GroupInputs;

    public readonly nint PartialFloats => A.Groups * WeightRows * PaddedOutputs;

    public readonly int SourceColumns => ((A.OutputWidth - 1) * A.StrideX) + ((A.KernelWidth - 1) * A.DilationX) + 1;

    public readonly int SourceRows(int rows) => ((rows - 1) * A.StrideY) + ((A.KernelHeight - 1) * A.DilationY) + 1;

    public readonly nint SourceFloats => (nint)SourceRows(BlockRows) * SourceColumns * A.InputChannels;
}

internal static unsafe class WeightGradient
{
    private const int BlockPixels = 128;
    private const int ChunkPixels = 2048;
    private const int MaximumChunks = 16;

    /// <summary>Pictures whose sum is one chain, from the sizes of what is summed over alone.</summary>
    public static int ChunkPictures(in ConvolutionArguments a)
    {
        var pixels = a.OutputHeight * a.OutputWidth;
        return Math.Max((ChunkPixels + pixels - 1) / pixels, (a.Batch + MaximumChunks - 1) / MaximumChunks);
    }

    public static void Run<V>(WorkerPool pool, in ConvolutionArguments a)
        where V : unmanaged, ISimd<V>
    {
        var joined = a.Groups == 1 && a.DilationX == 1;
        var pixels = a.OutputHeight * a.OutputWidth;
        var plan = new WeightGradientPlan
        {
            A = a,
            Lanes = V.Count,
            Registers = (a.GroupOutputs + V.Count - 1) / V.Count,
            ChunkPictures = ChunkPictures(a),
            Runs = joined ? a.KernelHeight : a.KernelHeight * a.KernelWidth,
            RunLength = joined ? a.KernelWidth * a.InputChannels : a.GroupInputs,
            CopiesGradient = a.GroupOutputs % V.Count != 0,
            BlockPictures = Math.Max(1, BlockPixels / pixels),
            BlockRows = Math.Clamp(BlockPixels / a.OutputWidth, 1, a.OutputHeight),
        };
        plan.Chunks = (a.Batch + plan.ChunkPictures - 1) / plan.ChunkPictures;
        plan.RunTiles = (plan.RunLength + BroadcastTile.RowsAtOnce<V>() - 1) / BroadcastTile.RowsAtOnce<V>();
        plan.Parts = Math.Clamp(((2 * pool.Threads) + plan.Chunks - 1) / plan.Chunks, 1, plan.Units);

        var inPlace = plan.Chunks == 1 && a.Groups == 1 && !plan.CopiesGradient;
        var partialFloats = inPlace ? 0 : plan.Chunks * plan.PartialFloats;
        var bytes = (nuint)(partialFloats + (BroadcastTile.MaximumRegisters * V.Count)) * sizeof(float);
        var memory = (byte*)pool.Scratch(pool.Threads, bytes + ((nuint)pool.Threads * (nuint)sizeof(byte*)));
        plan.Partials = inPlace ? a.Weight : (float*)memory;
        plan.Zeros = (float*)memory + partialFloats;
        plan.WorkerScratch = (byte**)(memory + bytes);
        new Span<float>(plan.Zeros, BroadcastTile.MaximumRegisters * V.Count).Clear();
        var gradientFloats = plan.CopiesGradient ? plan.BlockPictures * plan.BlockRows * a.OutputWidth * a.Groups * plan.PaddedOutputs : 0;
        for (var worker = 0; worker < pool.Threads; worker++)
        {
            plan.WorkerScratch[worker] = (byte*)pool.Scratch(
                worker,
                (nuint)((plan.BlockPictures * plan.SourceFloats) + gradientFloats) * sizeof(float)
                    + ((nuint)(plan.BlockPictures * plan.BlockRows * a.OutputWidth) * sizeof(int)));
        }

        pool.Run(plan.Chunks * plan.Parts, &Part<V>, &plan);
        if (!inPlace)
        {
            plan.Shares = (int)Math.Min(plan.WeightRows * a.Groups, 8 * pool.Threads);
            pool.Run(plan.Shares, &Combine<V>, &plan);
        }
    }

    /// <summary>All pictures of one chunk for one part of the weights.</summary>
    private static void Part<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WeightGradientPlan*)context;
        var part = tile % plan.Parts;
        var chunk = tile / plan.Parts;
        var lastPicture = Math.Min(plan.A.Batch, (chunk + 1) * plan.ChunkPictures);
        var block = new Block
        {
            Partial = plan.Partials + (chunk * plan.PartialFloats),
            FirstUnit = (int)((long)plan.Units * part / plan.Parts),
            LastUnit = (int)((long)plan.Units * (part + 1) / plan.Parts),
            Sources = (float*)plan.WorkerScratch[worker],
            IsFirst = true,
        };
        block.Gradients = block.Sources + (plan.BlockPictures * plan.SourceFloats);
        block.Offsets = (int*)(block.Gradients
            + (plan.CopiesGradient
                ? (nint)plan.BlockPictures * plan.BlockRows * plan.A.OutputWidth * plan.A.Groups * plan.PaddedOutputs
                : 0));
        for (var picture = chunk * plan.ChunkPictures; picture < lastPicture; picture += plan.BlockPictures)
        {
            for (var row = 0; row < plan.A.OutputHeight; row += plan.BlockRows)
            {
                block.Pictures = Math.Min(plan.BlockPictures, lastPicture - picture);
                block.Rows = Math.Min(plan.BlockRows, plan.A.OutputHeight - row);
                RunBlock<V>(plan, block, picture, row);
                block.IsFirst = false;
            }
        }
    }

    private static void RunBlock<V>(in WeightGradientPlan plan, in Block block, int picture, int row)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        float* source = null;
        nint pitch = 0;
        for (var i = 0; i < block.Pictures; i++)
        {
            var rows = BorderedRows.Get(
                a.Input + ((nint)(picture + i) * a.InputHeight * a.InputWidth * a.InputChannels),
                a.InputHeight,
                a.InputWidth,
                a.InputChannels,
                (row * a.StrideY) - a.PadTop,
                plan.SourceRows(block.Rows),
                -a.PadLeft,
                plan.SourceColumns,
                block.Sources + (i * plan.SourceFloats),
                out pitch);
            source = i == 0 ? rows : source;
            for (var y = 0; y < block.Rows; y++)
            {
                var first = (int)((byte*)(rows + (y * a.StrideY * pitch)) - (byte*)source);
                for (var x = 0; x < a.OutputWidth; x++)
                {
                    block.Offsets[(((i * block.Rows) + y) * a.OutputWidth) + x] = first + (x * a.StrideX * a.InputChannels * sizeof(float));
                }
            }
        }

        var gradient = a.Output + ((((nint)picture * a.OutputHeight) + row) * a.OutputWidth * a.OutputChannels);
        if (plan.CopiesGradient)
        {
            CopyGradient(plan, gradient, block.Gradients, block.Pictures * block.Rows * a.OutputWidth);
            gradient = block.Gradients;
        }

        var sources = stackalloc float*[BroadcastTile.MaximumRows];
        var destinations = stackalloc float*[BroadcastTile.MaximumRows];
        var results = stackalloc float[BroadcastTile.MaximumRows * BroadcastTile.MaximumRegisters * V.Count];
        var tile = new BroadcastTile
        {
            Sources = sources,
            Destinations = destinations,
            Results = results,
            Offsets = block.Offsets,
            Steps = block.Pictures * block.Rows * a.OutputWidth,
            FactorStep = (plan.CopiesGradient ? a.Groups * plan.PaddedOutputs : a.OutputChannels) * sizeof(float),
        };
        var rowsAtOnce = BroadcastTile.RowsAtOnce<V>();
        for (var unit = block.FirstUnit; unit < block.LastUnit; unit++)
        {
            var first = unit % plan.RunTiles * rowsAtOnce;
            var run = unit / plan.RunTiles % plan.Runs;
            var panel = unit / plan.RunTiles / plan.Runs % plan.PanelCount;
            var group = unit / plan.RunTiles / plan.Runs / plan.PanelCount;
            var start = plan.PanelStart(panel) * V.Count;
            var registers = plan.PanelStart(panel + 1) - plan.PanelStart(panel);
            var tapY = plan.Runs == a.KernelHeight ? run : run / a.KernelWidth;
            var tapX = plan.Runs == a.KernelHeight ? 0 : run % a.KernelWidth;
            var origin = source + (tapY * a.DilationY * pitch) + ((nint)tapX * a.DilationX * a.InputChannels) + (group * a.GroupInputs);
            var target = block.Partial + (((group * plan.WeightRows) + ((nint)run * plan.RunLength) + first) * plan.PaddedOutputs) + start;
            tile.Rows = Math.Min(rowsAtOnce, plan.RunLength - first);
            for (var i = 0; i < rowsAtOnce; i++)
            {
                var filled = Math.Min(i, tile.Rows - 1);
                sources[i] = origin + first + filled;
                destinations[i] = target + ((nint)filled * plan.PaddedOutputs);
            }

            tile.Factors = gradient + (group * (plan.CopiesGradient ? plan.PaddedOutputs : a.GroupOutputs)) + start;
            tile.Lanes = registers * V.Count;
            tile.IsFresh = block.IsFirst;
            tile.Initial = plan.Zeros;
            BroadcastTile.Run<V>(ref tile, registers);
        }
    }

    private static void CopyGradient(in WeightGradientPlan plan, float* source, float* target, int pixels)
    {
        var outputs = plan.A.GroupOutputs;
        for (var row = 0; row < pixels * plan.A.Groups; row++, source += outputs, target += plan.PaddedOutputs)
        {
            new ReadOnlySpan<float>(source, outputs).CopyTo(new Span<float>(target, outputs));
            new Span<float>(target + outputs, plan.PaddedOutputs - outputs).Clear();
        }
    }

    /// <summary>Adds the chunks' partial sums in index order, for one share of the weight rows.</summary>
    private static void Combine<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(WeightGradientPlan*)context;
        var rows = plan.WeightRows * plan.A.Groups;
        for (var row = rows * tile / plan.Shares; row < rows * (tile + 1) / plan.Shares; row++)
        {
            var group = row / plan.WeightRows;
            var source = plan.Partials + (row * plan.PaddedOutputs);
            var target = plan.A.Weight + (row % plan.WeightRows * plan.A.OutputChannels) + (group * plan.A.GroupOutputs);
            for (var lane = 0; lane < plan.A.GroupOutputs; lane += V.Count)
            {
                var sum = V.Load(source + lane);
                for (var chunk = 1; chunk < plan.Chunks; chunk++)
                {
                    sum += V.Load(source + (chunk * plan.PartialFloats) + lane);
                }

                V.StorePartial(sum, target + lane, Math.Min(V.Count, plan.A.GroupOutputs - lane));
            }
        }
    }

    /// <summary>Some rows of one picture or several whole pictures, and the units of the weights to add them to.</summary>
    private ref struct Block
    {
        public float* Partial;
        public float* Sources;
        public float* Gradients;
        public int* Offsets;
        public int Pictures;
        public int Rows;
        public int FirstUnit;
        public int LastUnit;
        public bool IsFirst;
    }
}
