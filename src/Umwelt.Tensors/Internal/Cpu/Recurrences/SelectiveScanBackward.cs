// Gradients of a few blocks of channels of one sequence, last chunk first. The states within a chunk and their decays are
// computed again from the state kept before it, into memory that stays in the cache, then walked backwards.
// Laws: sums over moments run backwards in time; sums over channels are made within a block lane by lane, then across
// lanes, then over blocks in order, whoever computes them.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct SelectiveScanBackward
{
    private const int Pitch = ScanBlock.Pitch;
    private const int Length = SelectiveScan.Chunk;

    // The widest register.
    private const int Widest = 16;

    // Tables of powers of two would begin at equal places of their pages, where processors take a load for a read of what
    // was stored a moment before.
    private const int Stagger = 336;

    private SelectiveScanArguments _a;
    private int _batch;
    private int _first;
    private int _end;

    // [states, channels of a block], three tables for each block: rates, gradients of rates, gradients of states.
    private float* _tables;

    // [moments, states, lanes]: the states before each moment and after the last, decays, and sums of gradients.
    private float* _states;
    private float* _decays;
    private float* _inputSums;
    private float* _outputSums;
    private float* _constants;

    public static long ScratchFloats(int states, int blocks) =>
        (3L * blocks * states * Pitch) + (((4L * Length) + 1) * states * Widest) + (4 * Stagger) + 16;

    public static void Run<V>(in SelectiveScanArguments a, int batch, int firstBlock, int endBlock, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var chunk = (Length * a.States * Widest) + Stagger;
        var task = new SelectiveScanBackward
        {
            _a = a,
            _batch = batch,
            _constants = scratch,
            _states = scratch + 16,
            _decays = scratch + 16 + chunk + (a.States * Widest),
        };
        task._inputSums = task._decays + chunk;
        task._outputSums = task._inputSums + chunk;
        task._tables = task._outputSums + chunk;
        ScanBlock.WriteConstants(scratch);
        task.Blocks<V>(firstBlock, endBlock);
    }

    private readonly int Table => _a.States * Pitch;

    private void Blocks<V>(int firstBlock, int endBlock)
        where V : unmanaged, ISimd<V>
    {
        for (var block = firstBlock; block < endBlock; block++)
        {
            var rates = _tables + (3 * (block - firstBlock) * Table);
            var channel = block * SelectiveScan.Block;
            var channels = Math.Min(SelectiveScan.Block, _a.Channels - channel);
            ScanBlock.Gather(_a.Decay + ((nint)channel * _a.States), channels, _a.States, rates);
            new Span<float>(rates + Table, Table).Clear();
            ScanBlock.Gather(
                _a.FinalStateGradient == null ? null : _a.FinalStateGradient + _a.StateAt(_batch, channel), channels, _a.States, rates + (2 * Table));
        }

        for (var chunk = _a.Chunks - 1; chunk >= 0; chunk--)
        {
            _first = chunk * Length;
            _end = Math.Min(_first + Length, _a.Time);
            for (var block = firstBlock; block < endBlock; block++)
            {
                Block<V>(chunk, block, _tables + (3 * (block - firstBlock) * Table));
            }
        }

        for (var block = firstBlock; block < endBlock; block++)
        {
            var rates = _tables + (3 * (block - firstBlock) * Table);
            var channel = block * SelectiveScan.Block;
            var channels = Math.Min(SelectiveScan.Block, _a.Channels - channel);
            ScanBlock.Scatter(rates + (2 * Table), channels, _a.States, _a.StateGradient + _a.StateAt(_batch, channel));
            for (var n = 0; n < _a.States; n++)
            {
                var sums = _a.DecaySums + ((((nint)_batch * _a.States) + n) * _a.Channels) + channel;
                new ReadOnlySpan<float>(rates + Table + (n * Pitch), channels).CopyTo(new Span<float>(sums, channels));
            }
        }
    }

    private readonly void Block<V>(int chunk, int block, float* rates)
        where V : unmanaged, ISimd<V>
    {
        var length = (_end - _first) * _a.States;
        new Span<float>(_inputSums, length * V.Count).Clear();
        new Span<float>(_outputSums, length * V.Count).Clear();
        for (var lane = 0; lane < Math.Min(SelectiveScan.Block, _a.Channels - (block * SelectiveScan.Block)); lane += V.Count)
        {
            var channel = (block * SelectiveScan.Block) + lane;
            var lanes = Math.Min(V.Count, _a.Channels - channel);
            Again<V>(_a.KeptAt(_batch, chunk, channel), channel, lanes, rates + lane);
            Backwards<V>(channel, lanes, rates + lane, rates + Table + lane, rates + (2 * Table) + lane);
        }

        var input = _a.BlockSum(0, block, _batch, _first);
        var output = _a.BlockSum(1, block, _batch, _first);
        for (var i = 0; i < length; i++)
        {
            input[i] = V.Sum(V.Load(_inputSums + (i * V.Count)));
            output[i] = V.Sum(V.Load(_outputSums + (i * V.Count)));
        }
    }

    // States and decays of the chunk, as the forward pass had them.
    private readonly void Again<V>(float* kept, int channel, int lanes, float* rates)
        where V : unmanaged, ISimd<V>
    {
        var states = _a.States;
        var h = _states;
        for (nint n = 0; n < states; n++)
        {
            V.Store(Lanes.Load<V>(kept + (n * _a.Channels), lanes), h + (n * V.Count));
        }

        var decays = _decays;
        for (var t = _first; t < _end; t++)
        {
            var delta = Lanes.Load<V>(_a.Delta.At(_batch, t) + channel, lanes);
            var dx = delta * Lanes.Load<V>(_a.X.At(_batch, t) + channel, lanes);
            if (Sse.IsSupported && t >= Length)
            {
                Ahead(t - Length, channel);
            }

            Moment(delta, dx, rates, h, decays, _a.Input.At(_batch, t), states, _constants);
            h += states * V.Count;
            decays += states * V.Count;
        }
    }

    // From the states before a moment, which are followed by those after it.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Moment<V>(V delta, V dx, float* rates, float* h, float* decays, float* input, nint states, float* constants)
        where V : unmanaged, ISimd<V>
    {
        var exponential = new NonPositiveExponential<V>(constants);
        var next = h + (states * V.Count);
        for (nint n = 0; n < states; n++)
        {
            var decay = exponential.Of(delta * V.Load(rates + (n * Pitch)));
            V.Store(decay, decays + (n * V.Count));
            V.Store(V.MultiplyAdd(decay, V.Load(h + (n * V.Count)), dx * V.Broadcast(input[n])), next + (n * V.Count));
        }
    }

    private readonly void Ahead(int t, int channel)
    {
        Sse.Prefetch1(_a.Delta.At(_batch, t) + channel);
        Sse.Prefetch1(_a.X.At(_batch, t) + channel);
        Sse.Prefetch1(_a.YGradient.At(_batch, t) + channel);
        Sse.Prefetch1(_a.XGradient.At(_batch, t) + channel);
        Sse.Prefetch1(_a.DeltaGradient.At(_batch, t) + channel);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private readonly void Backwards<V>(int channel, int lanes, float* rates, float* dRates, float* dStates)
        where V : unmanaged, ISimd<V>
    {
        var states = _a.States;
        for (var t = _end - 1; t >= _first; t--)
        {
            var row = (t - _first) * states * V.Count;
            var h = _states + row;
            var next = h + (states * V.Count);
            var decays = _decays + row;
            var inputSums = _inputSums + row;
            var outputSums = _outputSums + row;
            var input = _a.Input.At(_batch, t);
            var output = _a.Output.At(_batch, t);
            var dy = Lanes.Load<V>(_a.YGradient.At(_batch, t) + channel, lanes);
            var delta = Lanes.Load<V>(_a.Delta.At(_batch, t) + channel, lanes);
            var x = Lanes.Load<V>(_a.X.At(_batch, t) + channel, lanes);
            var dx = delta * x;
            var taken = V.Zero;
            var slowed = V.Zero;
            for (nint n = 0; n < states; n++)
            {
                var at = n * V.Count;
                var d = V.MultiplyAdd(dy, V.Broadcast(output[n]), V.Load(dStates + (n * Pitch)));
                V.Store(V.MultiplyAdd(dy, V.Load(next + at), V.Load(outputSums + at)), outputSums + at);
                V.Store(V.MultiplyAdd(d, dx, V.Load(inputSums + at)), inputSums + at);
                taken = V.MultiplyAdd(d, V.Broadcast(input[n]), taken);
                d *= V.Load(decays + at);
                var slope = d * V.Load(h + at);
                slowed = V.MultiplyAdd(slope, V.Load(rates + (n * Pitch)), slowed);
                V.Store(V.MultiplyAdd(slope, delta, V.Load(dRates + (n * Pitch))), dRates + (n * Pitch));
                V.Store(d, dStates + (n * Pitch));
            }

            Lanes.Store(delta * taken, _a.XGradient.At(_batch, t) + channel, lanes);
            Lanes.Store(V.MultiplyAdd(x, taken, slowed), _a.DeltaGradient.At(_batch, t) + channel, lanes);
        }

        for (nint n = 0; n < states; n++)
        {
            V.Store(ChunkGates.Flushed(V.Load(dStates + (n * Pitch))), dStates + (n * Pitch));
        }
    }
}
