// Rotary position embedding (Su et al. 2021, equation 34): pairs of features turn by an angle that grows with position.
// Pairs are (i, i + size/2), or neighbours (2i, 2i + 1) when interleaved. The gradient is the rotation backwards.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class Rotary
{
    /// <summary>cosines and sines [positions, size/2] of position · frequency, rounded from double.</summary>
    public static void FillTables(float* cosines, float* sines, int firstPosition, int positions, in RotaryAttributes attributes)
    {
        var half = attributes.Size / 2;
        for (var i = 0; i < half; i++)
        {
            var frequency = attributes.Frequency(i);
            for (var p = 0; p < positions; p++)
            {
                var (sine, cosine) = Math.SinCos((firstPosition + p) * frequency);
                cosines[((long)p * half) + i] = (float)cosine;
                sines[((long)p * half) + i] = (float)sine;
            }
        }
    }

    /// <summary>
    /// Turns the first <paramref name="size"/> features of x [rows, heads, ..], whose rows and heads lie as far apart as told,
    /// into y, which may be x with the same strides. The position of a row, an index into the tables, is
    /// positions[row mod period], or offset + row mod period where <paramref name="positions"/> is null; the caller has checked it.
    /// </summary>
    public static void Run(
        WorkerPool workers, float* x, nint xRow, nint xHead, float* y, nint yRow, nint yHead, float* cosines, float* sines, int* positions, int offset, int period, int rows, int heads, int size, bool interleaved, bool inverse)
    {
        var context = new Context
        {
            X = x,
            XRow = xRow,
            XHead = xHead,
            Y = y,
            YRow = yRow,
            YHead = yHead,
            Cosines = cosines,
            Sines = sines,
            Positions = positions,
            Offset = offset,
            Period = period,
            Rows = rows,
            Heads = heads,
            Size = size,
            Interleaved = interleaved,
            Inverse = inverse,
        };
        Tiles.Run<Tile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(heads * size)), &context);
    }

    private struct Context
    {
        public float* X;
        public nint XRow;
        public nint XHead;
        public float* Y;
        public nint YRow;
        public nint YHead;
        public float* Cosines;
        public float* Sines;
        public int* Positions;
        public int Offset;
        public int Period;
        public int Rows;
        public int Heads;
        public int Size;
        public bool Interleaved;
        public bool Inverse;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var half = context->Size / 2;
            var perTile = RowTiles.RowsPerTile(context->Heads * context->Size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var position = context->Positions != null ? context->Positions[row % context->Period] : context->Offset + (row % context->Period);
                var cosines = context->Cosines + ((long)position * half);
                var sines = context->Sines + ((long)position * half);
                for (var head = 0; head < context->Heads; head++)
                {
                    var x = context->X + (row * context->XRow) + (head * context->XHead);
                    var y = context->Y + (row * context->YRow) + (head * context->YHead);
                    if (context->Interleaved)
                    {
                        Neighbours(x, y, cosines, sines, half, context->Inverse);
                    }
                    else
                    {
                        Halves<V>(x, y, cosines, sines, half, context->Inverse);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Halves<V>(float* x, float* y, float* cosines, float* sines, int half, bool inverse)
            where V : unmanaged, ISimd<V>
        {
            var sign = V.Broadcast(inverse ? -1f : 1f);
            for (var i = 0; i < half; i += V.Count)
            {
                var count = Math.Min(V.Count, half - i);
                var c = Lanes.Load<V>(cosines + i, count);
                var s = Lanes.Load<V>(sines + i, count) * sign;
                var a = Lanes.Load<V>(x + i, count);
                var b = Lanes.Load<V>(x + half + i, count);
                Lanes.Store((a * c) - (b * s), y + i, count);
                Lanes.Store((b * c) + (a * s), y + half + i, count);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Neighbours(float* x, float* y, float* cosines, float* sines, int half, bool inverse)
        {
            for (var i = 0; i < half; i++)
            {
                var s = inverse ? -sines[i] : sines[i];
                var a = x[2 * i];
                var b = x[(2 * i) + 1];
                y[2 * i] = (a * cosines[i]) - (b * s);
                y[(2 * i) + 1] = (b * cosines[i]) + (a * s);
            }
        }
    }
}
