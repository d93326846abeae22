// Pixel shuffle, channels-last: source channel (c * r + dy) * r + dx of pixel (y, x) becomes channel c of pixel
// (y * r + dy, x * r + dx); the order of channels is that of the usual frameworks. The inverse (space to depth) undoes it
// exactly, and each is the other's gradient. Copies only.
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>Deep is [batch, height, width, channels * factor * factor], Wide [batch, height * factor, width * factor, channels].</summary>
internal unsafe struct PixelShuffleArguments
{
    public int Batch;
    public int Height;
    public int Width;
    public int Channels;
    public int Factor;
    public float* Deep;
    public float* Wide;
}

internal static unsafe class PixelShuffle
{
    /// <summary>Wide from Deep.</summary>
    public static void Forward(WorkerPool pool, PixelShuffleArguments arguments) =>
        pool.Run(arguments.Batch * arguments.Height * arguments.Factor, &Spread, &arguments);

    /// <summary>Deep from Wide.</summary>
    public static void Inverse(WorkerPool pool, PixelShuffleArguments arguments) =>
        pool.Run(arguments.Batch * arguments.Height * arguments.Factor, &Collect, &arguments);

    private static void Spread(void* context, int row, int worker)
    {
        ref readonly var a = ref *(PixelShuffleArguments*)context;
        var wide = a.Wide + ((nint)row * a.Width * a.Factor * a.Channels);
        var area = a.Factor * a.Factor;
        var deep = a.Deep + ((nint)(row / a.Factor) * a.Width * a.Channels * area) + (row % a.Factor * a.Factor);
        for (var x = 0; x < a.Width; x++, deep += a.Channels * area)
        {
            for (var dx = 0; dx < a.Factor; dx++, wide += a.Channels)
            {
                for (var c = 0; c < a.Channels; c++)
                {
                    wide[c] = deep[(c * area) + dx];
                }
            }
        }
    }

    private static void Collect(void* context, int row, int worker)
    {
        ref readonly var a = ref *(PixelShuffleArguments*)context;
        var wide = a.Wide + ((nint)row * a.Width * a.Factor * a.Channels);
        var area = a.Factor * a.Factor;
        var deep = a.Deep + ((nint)(row / a.Factor) * a.Width * a.Channels * area) + (row % a.Factor * a.Factor);
        for (var x = 0; x < a.Width; x++, deep += a.Channels * area)
        {
            for (var dx = 0; dx < a.Factor; dx++, wide += a.Channels)
            {
                for (var c = 0; c < a.Channels; c++)
                {
                    deep[(c * area) + dx] = wide[c];
                }
            }
        }
    }
}
