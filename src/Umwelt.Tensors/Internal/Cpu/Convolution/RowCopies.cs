// Padding (constant or edge) and rolling of one axis of a tensor seen as [outer, length, inner]: copies of inner rows.
// Each also runs backwards; the gradient of edge padding sums what an edge was copied to, in index order.
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct AxisArguments
{
    public nint Outer;
    public int Length;
    public nint Inner;
    public float* Source;
    public float* Destination;

    /// <summary>Entries added before and after the axis.</summary>
    public int Before;
    public int After;

    /// <summary>Fills the added entries, unless Edge repeats the nearest one.</summary>
    public float Value;
    public bool Edge;

    /// <summary>How far a roll moves entries towards higher indices.</summary>
    public int Shift;
}

internal static unsafe class RowCopies
{
    /// <summary>Destination [outer, before + length + after, inner].</summary>
    public static void Pad(WorkerPool pool, AxisArguments arguments) => pool.Run((int)arguments.Outer, &PadOuter, &arguments);

    /// <summary>Source is the gradient of the padded tensor, Destination that of the plain one, [outer, length, inner].</summary>
    public static void PadGradient(WorkerPool pool, AxisArguments arguments) => pool.Run((int)arguments.Outer, &PadGradientOuter, &arguments);

    /// <summary>Destination[i + shift modulo length] = Source[i]; its gradient is the roll by -shift.</summary>
    public static void Roll(WorkerPool pool, AxisArguments arguments) => pool.Run((int)arguments.Outer, &RollOuter, &arguments);

    private static void PadOuter(void* context, int outer, int worker)
    {
        ref readonly var a = ref *(AxisArguments*)context;
        var source = a.Source + (outer * a.Length * a.Inner);
        var destination = a.Destination + (outer * (a.Before + a.Length + a.After) * a.Inner);
        for (var i = 0; i < a.Before; i++, destination += a.Inner)
        {
            Fill(a, source, destination);
        }

        Copy(source, destination, a.Length * a.Inner);
        destination += a.Length * a.Inner;
        for (var i = 0; i < a.After; i++, destination += a.Inner)
        {
            Fill(a, source + ((a.Length - 1) * a.Inner), destination);
        }
    }

    private static void Fill(in AxisArguments a, float* edge, float* destination)
    {
        if (a.Edge)
        {
            Copy(edge, destination, a.Inner);
        }
        else
        {
            for (nint i = 0; i < a.Inner; i++)
            {
                destination[i] = a.Value;
            }
        }
    }

    private static void PadGradientOuter(void* context, int outer, int worker)
    {
        ref readonly var a = ref *(AxisArguments*)context;
        var source = a.Source + (outer * (a.Before + a.Length + a.After) * a.Inner);
        var destination = a.Destination + (outer * a.Length * a.Inner);
        Copy(source + (a.Before * a.Inner), destination, a.Length * a.Inner);
        if (!a.Edge)
        {
            return;
        }

        for (var i = 0; i < a.Before; i++)
        {
            Add(source + (i * a.Inner), destination, a.Inner);
        }

        for (var i = 0; i < a.After; i++)
        {
            Add(source + ((a.Before + a.Length + i) * a.Inner), destination + ((a.Length - 1) * a.Inner), a.Inner);
        }
    }

    private static void RollOuter(void* context, int outer, int worker)
    {
        ref readonly var a = ref *(AxisArguments*)context;
        var shift = ((a.Shift % a.Length) + a.Length) % a.Length;
        var source = a.Source + (outer * a.Length * a.Inner);
        var destination = a.Destination + (outer * a.Length * a.Inner);
        Copy(source, destination + (shift * a.Inner), (a.Length - shift) * a.Inner);
        Copy(source + ((a.Length - shift) * a.Inner), destination, shift * a.Inner);
    }

    private static void Copy(float* source, float* destination, nint count) =>
        Buffer.MemoryCopy(source, destination, count * sizeof(float), count * sizeof(float));

    private static void Add(float* source, float* destination, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            destination[i] += source[i];
        }
    }
}
