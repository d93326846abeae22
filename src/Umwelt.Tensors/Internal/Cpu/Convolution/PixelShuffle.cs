// Pixel shuffle, channels-last: source channel (c * r + dy) * r + dx of pixel (y, x) becomes channel c of pixel
// (y * r + dy, x * r + dx); the order of channels is that of the usual frameworks. The inverse (space to depth) undoes it
// exactly, and each is the other's gradient. Copies only: each pixel is a small matrix [c, r * r] that is turned, four
// by four in registers where they fit.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
        pool.Run(arguments.Batch * arguments.Height, &Row<Spread>, &arguments);

    /// <summary>Deep from Wide.</summary>
    public static void Inverse(WorkerPool pool, PixelShuffleArguments arguments) =>
        pool.Run(arguments.Batch * arguments.Height, &Row<Collect>, &arguments);

    /// <summary>Which way the elements go.</summary>
    private interface IDirection
    {
        /// <summary>One element.</summary>
        static abstract void Move(float* deep, float* wide);

        /// <summary>Four channels (deep rows <paramref name="area"/> apart) by four places in the square (wide rows).</summary>
        static abstract void MoveSquare(float* deep, nint area, float* wide0, float* wide1, float* wide2, float* wide3);
    }

    private readonly struct Spread : IDirection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(float* deep, float* wide) => *wide = *deep;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void MoveSquare(float* deep, nint area, float* wide0, float* wide1, float* wide2, float* wide3) =>
            Turn(deep, deep + area, deep + (2 * area), deep + (3 * area), wide0, wide1, wide2, wide3);
    }

    private readonly struct Collect : IDirection
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move(float* deep, float* wide) => *deep = *wide;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void MoveSquare(float* deep, nint area, float* wide0, float* wide1, float* wide2, float* wide3) =>
            Turn(wide0, wide1, wide2, wide3, deep, deep + area, deep + (2 * area), deep + (3 * area));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(float* from0, float* from1, float* from2, float* from3, float* to0, float* to1, float* to2, float* to3)
    {
        var (a, b) = (Vector128.Load(from0), Vector128.Load(from1));
        var (c, d) = (Vector128.Load(from2), Vector128.Load(from3));
        var (abLow, abHigh) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b));
        var (cdLow, cdHigh) = (Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(abLow, cdLow).Store(to0);
        Sse.MoveHighToLow(cdLow, abLow).Store(to1);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(to2);
        Sse.MoveHighToLow(cdHigh, abHigh).Store(to3);
    }

    /// <summary>One row of deep pixels and the r rows of wide ones they stand for.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Row<TDirection>(void* context, int row, int worker)
        where TDirection : IDirection
    {
        ref readonly var a = ref *(PixelShuffleArguments*)context;
        var (channels, factor, area) = (a.Channels, a.Factor, a.Factor * a.Factor);
        var pitch = (nint)a.Width * factor * channels;
        var wide = a.Wide + (row * pitch * factor);
        var deep = a.Deep + ((nint)row * a.Width * channels * area);
        for (var x = 0; x < a.Width; x++, deep += (nint)channels * area, wide += (nint)factor * channels)
        {
            var place = 0;
            if (Sse.IsSupported)
            {
                for (; place <= area - 4 && channels >= 4; place += 4)
                {
                    var to0 = wide + Offset(place, factor, pitch, channels);
                    var to1 = wide + Offset(place + 1, factor, pitch, channels);
                    var to2 = wide + Offset(place + 2, factor, pitch, channels);
                    var to3 = wide + Offset(place + 3, factor, pitch, channels);

                    // The last four channels may overlap those before: they are copied twice, to the same place.
                    for (nint c = 0; c < channels; c += 4)
                    {
                        c = Math.Min(c, channels - 4);
                        TDirection.MoveSquare(deep + (c * area) + place, area, to0 + c, to1 + c, to2 + c, to3 + c);
                    }
                }
            }

            for (; place < area; place++)
            {
                var to = wide + Offset(place, factor, pitch, channels);
                var from = deep + place;
                for (var c = 0; c < channels; c++, from += area)
                {
                    TDirection.Move(from, to + c);
                }
            }
        }
    }

    /// <summary>Where place (dy, dx) of a pixel's square begins among the wide pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Offset(int place, int factor, nint pitch, int channels)
    {
        var (dy, dx) = Math.DivRem((uint)place, (uint)factor);
        return ((nint)dy * pitch) + ((nint)dx * channels);
    }
}
