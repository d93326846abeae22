// Forward and input gradient are one computation: every destination pixel of a phase gathers the source pixels at fixed
// offsets. A forward pass has one phase; the gradient of a strided convolution has stride x stride of them, each a
// convolution with step one and a subset of the taps, so nothing is ever scattered. Taps run in ascending offset.
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>The taps along one axis, ordered by phase: those of phase r are [Start[r], Start[r + 1]).</summary>
internal unsafe struct TapAxis
{
    public int SourceSize;
    public int DestinationSize;
    public int SourceStep;
    public int Phases;
    public int Taps;
    public int Least;
    public int Greatest;
    public int* Start;
    public int* Tap;
    public int* Offset;

    /// <summary>Grid steps of the longest phase.</summary>
    public readonly int Grid => (DestinationSize + Phases - 1) / Phases;

    /// <summary>Source pixels that <paramref name="grid"/> steps reach over.</summary>
    public readonly int Reach(int grid) => ((grid - 1) * SourceStep) + Greatest - Least + 1;

    public readonly int PhaseSize(int phase) => (DestinationSize - phase + Phases - 1) / Phases;

    public readonly int PhaseTaps(int phase) => Start[phase + 1] - Start[phase];

    public readonly int PhaseOf(int entry)
    {
        var phase = 0;
        while (Start[phase + 1] <= entry)
        {
            phase++;
        }

        return phase;
    }

    /// <summary>Whether the offsets of a phase follow one another without gaps.</summary>
    public readonly bool IsDense(int phase) =>
        PhaseTaps(phase) > 0 && Offset[Start[phase + 1] - 1] - Offset[Start[phase]] == PhaseTaps(phase) - 1;

    public static int Integers(int taps, int phases) => (2 * taps) + phases + 1;

    public static TapAxis Forward(int source, int destination, int taps, int stride, int pad, int dilation, int* memory)
    {
        var axis = Create(source, destination, taps, stride, 1, memory);
        axis.Start[0] = 0;
        axis.Start[1] = taps;
        for (var tap = 0; tap < taps; tap++)
        {
            axis.Tap[tap] = tap;
            axis.Offset[tap] = (tap * dilation) - pad;
        }

        return axis.Bounded();
    }

    public static TapAxis Gradient(int source, int destination, int taps, int stride, int pad, int dilation, int* memory)
    {
        var axis = Create(source, destination, taps, 1, stride, memory);
        var entry = 0;
        for (var phase = 0; phase < stride; phase++)
        {
            axis.Start[phase] = entry;
            for (var tap = taps - 1; tap >= 0; tap--)
            {
                var distance = phase + pad - (tap * dilation);
                if (distance % stride == 0)
                {
                    axis.Tap[entry] = tap;
                    axis.Offset[entry++] = distance / stride;
                }
            }
        }

        axis.Start[stride] = entry;
        return axis.Bounded();
    }

    private static TapAxis Create(int source, int destination, int taps, int step, int phases, int* memory) => new()
    {
        SourceSize = source,
        DestinationSize = destination,
        SourceStep = step,
        Phases = phases,
        Taps = taps,
        Tap = memory,
        Offset = memory + taps,
        Start = memory + (2 * taps),
    };

    private TapAxis Bounded()
    {
        Least = Offset[0];
        Greatest = Offset[0];
        for (var tap = 1; tap < Taps; tap++)
        {
            Least = Math.Min(Least, Offset[tap]);
            Greatest = Math.Max(Greatest, Offset[tap]);
        }

        return this;
    }
}

/// <summary>One forward or input-gradient pass: pictures, taps, packed weights and how the work is cut.</summary>
internal unsafe struct CorrelationPlan
{
    public TapAxis Y;
    public TapAxis X;
    public float* Source;
    public float* Destination;
    public float* Weight;
    public float* Panels;
    public float* Initial;
    public float* Rest;
    public byte** WorkerScratch;
    public int Batch;
    public int Groups;
    public int SourceChannels;
    public int DestinationChannels;
    public int WeightChannels;
    public int Registers;
    public int Lanes;
    public int BlockRows;
    public int Blocks;
    public int Splits;
    public bool Transposed;

    public readonly int GroupSources => SourceChannels / Groups;

    public readonly int GroupDestinations => DestinationChannels / Groups;

    public readonly int PaddedDestinations => Registers * Lanes;

    /// <summary>Room for the offsets of one phase, a multiple of 64.</summary>
    public readonly nint OffsetBytes => (((nint)Y.Taps * X.Taps * GroupSources * sizeof(int)) + 63) & ~63;

    /// <summary>Column panels of up to three registers, as equal as they can be.</summary>
    public readonly int PanelCount => PanelsOf(Registers);

    public static int PanelsOf(int registers) => (registers + BroadcastTile.MaximumRegisters - 1) / BroadcastTile.MaximumRegisters;

    public readonly int PanelStart(int panel) => Registers * panel / PanelCount;

    /// <summary>Where the packed weights of a phase begin.</summary>
    public readonly float* PhasePanels(int group, int phaseY, int phaseX)
    {
        var taps = (Y.Start[phaseY] * X.Taps) + (Y.PhaseTaps(phaseY) * X.Start[phaseX]);
        return Panels + (((((nint)group * Y.Taps * X.Taps) + taps) * GroupSources) * PaddedDestinations);
    }
}
