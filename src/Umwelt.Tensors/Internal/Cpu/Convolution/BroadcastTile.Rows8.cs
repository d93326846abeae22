// Tiles of eight rows, for tiers with thirty-two registers: up to twenty-four sums, three factors and one source value
// live in registers. The loops are written out because the compiler keeps no array in registers.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe partial struct BroadcastTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Registers3<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
        var s4 = (byte*)tile.Sources[4];
        var s5 = (byte*)tile.Sources[5];
        var s6 = (byte*)tile.Sources[6];
        var s7 = (byte*)tile.Sources[7];
        var i0 = tile.IsFresh ? tile.Initial : tile.Destinations[0];
        var a00 = V.Load(i0);
        var a01 = V.Load(i0 + V.Count);
        var a02 = V.Load(i0 + (2 * V.Count));
        var i1 = tile.IsFresh ? tile.Initial : tile.Destinations[1];
        var a10 = V.Load(i1);
        var a11 = V.Load(i1 + V.Count);
        var a12 = V.Load(i1 + (2 * V.Count));
        var i2 = tile.IsFresh ? tile.Initial : tile.Destinations[2];
        var a20 = V.Load(i2);
        var a21 = V.Load(i2 + V.Count);
        var a22 = V.Load(i2 + (2 * V.Count));
        var i3 = tile.IsFresh ? tile.Initial : tile.Destinations[3];
        var a30 = V.Load(i3);
        var a31 = V.Load(i3 + V.Count);
        var a32 = V.Load(i3 + (2 * V.Count));
        var i4 = tile.IsFresh ? tile.Initial : tile.Destinations[4];
        var a40 = V.Load(i4);
        var a41 = V.Load(i4 + V.Count);
        var a42 = V.Load(i4 + (2 * V.Count));
        var i5 = tile.IsFresh ? tile.Initial : tile.Destinations[5];
        var a50 = V.Load(i5);
        var a51 = V.Load(i5 + V.Count);
        var a52 = V.Load(i5 + (2 * V.Count));
        var i6 = tile.IsFresh ? tile.Initial : tile.Destinations[6];
        var a60 = V.Load(i6);
        var a61 = V.Load(i6 + V.Count);
        var a62 = V.Load(i6 + (2 * V.Count));
        var i7 = tile.IsFresh ? tile.Initial : tile.Destinations[7];
        var a70 = V.Load(i7);
        var a71 = V.Load(i7 + V.Count);
        var a72 = V.Load(i7 + (2 * V.Count));
        var factor = (byte*)tile.Factors;
        var factorStep = tile.FactorStep;
        var last = tile.Offsets + tile.Steps;
        for (var offset = tile.Offsets; offset != last; offset++)
        {
            nint index = *offset;
            var f0 = V.Load((float*)factor);
            var f1 = V.Load((float*)factor + V.Count);
            var f2 = V.Load((float*)factor + (2 * V.Count));
            factor += factorStep;
            var x0 = V.Broadcast(*(float*)(s0 + index));
            a00 = V.MultiplyAdd(x0, f0, a00);
            a01 = V.MultiplyAdd(x0, f1, a01);
            a02 = V.MultiplyAdd(x0, f2, a02);
            var x1 = V.Broadcast(*(float*)(s1 + index));
            a10 = V.MultiplyAdd(x1, f0, a10);
            a11 = V.MultiplyAdd(x1, f1, a11);
            a12 = V.MultiplyAdd(x1, f2, a12);
            var x2 = V.Broadcast(*(float*)(s2 + index));
            a20 = V.MultiplyAdd(x2, f0, a20);
            a21 = V.MultiplyAdd(x2, f1, a21);
            a22 = V.MultiplyAdd(x2, f2, a22);
            var x3 = V.Broadcast(*(float*)(s3 + index));
            a30 = V.MultiplyAdd(x3, f0, a30);
            a31 = V.MultiplyAdd(x3, f1, a31);
            a32 = V.MultiplyAdd(x3, f2, a32);
            var x4 = V.Broadcast(*(float*)(s4 + index));
            a40 = V.MultiplyAdd(x4, f0, a40);
            a41 = V.MultiplyAdd(x4, f1, a41);
            a42 = V.MultiplyAdd(x4, f2, a42);
            var x5 = V.Broadcast(*(float*)(s5 + index));
            a50 = V.MultiplyAdd(x5, f0, a50);
            a51 = V.MultiplyAdd(x5, f1, a51);
            a52 = V.MultiplyAdd(x5, f2, a52);
            var x6 = V.Broadcast(*(float*)(s6 + index));
            a60 = V.MultiplyAdd(x6, f0, a60);
            a61 = V.MultiplyAdd(x6, f1, a61);
            a62 = V.MultiplyAdd(x6, f2, a62);
            var x7 = V.Broadcast(*(float*)(s7 + index));
            a70 = V.MultiplyAdd(x7, f0, a70);
            a71 = V.MultiplyAdd(x7, f1, a71);
            a72 = V.MultiplyAdd(x7, f2, a72);
        }

        if (tile.IsWhole)
        {
            var d0 = tile.Destinations[0];
            V.Store(a00, d0);
            V.Store(a01, d0 + V.Count);
            V.Store(a02, d0 + (2 * V.Count));
            var d1 = tile.Destinations[1];
            V.Store(a10, d1);
            V.Store(a11, d1 + V.Count);
            V.Store(a12, d1 + (2 * V.Count));
            var d2 = tile.Destinations[2];
            V.Store(a20, d2);
            V.Store(a21, d2 + V.Count);
            V.Store(a22, d2 + (2 * V.Count));
            var d3 = tile.Destinations[3];
            V.Store(a30, d3);
            V.Store(a31, d3 + V.Count);
            V.Store(a32, d3 + (2 * V.Count));
            var d4 = tile.Destinations[4];
            V.Store(a40, d4);
            V.Store(a41, d4 + V.Count);
            V.Store(a42, d4 + (2 * V.Count));
            var d5 = tile.Destinations[5];
            V.Store(a50, d5);
            V.Store(a51, d5 + V.Count);
            V.Store(a52, d5 + (2 * V.Count));
            var d6 = tile.Destinations[6];
            V.Store(a60, d6);
            V.Store(a61, d6 + V.Count);
            V.Store(a62, d6 + (2 * V.Count));
            var d7 = tile.Destinations[7];
            V.Store(a70, d7);
            V.Store(a71, d7 + V.Count);
            V.Store(a72, d7 + (2 * V.Count));
            return;
        }

        var results = (V*)tile.Results;
        results[0] = a00;
        results[1] = a01;
        results[2] = a02;
        results[3] = a10;
        results[4] = a11;
        results[5] = a12;
        results[6] = a20;
        results[7] = a21;
        results[8] = a22;
        results[9] = a30;
        results[10] = a31;
        results[11] = a32;
        results[12] = a40;
        results[13] = a41;
        results[14] = a42;
        results[15] = a50;
        results[16] = a51;
        results[17] = a52;
        results[18] = a60;
        results[19] = a61;
        results[20] = a62;
        results[21] = a70;
        results[22] = a71;
        results[23] = a72;
        Store(tile, results, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Registers2<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
        var s4 = (byte*)tile.Sources[4];
        var s5 = (byte*)tile.Sources[5];
        var s6 = (byte*)tile.Sources[6];
        var s7 = (byte*)tile.Sources[7];
        var i0 = tile.IsFresh ? tile.Initial : tile.Destinations[0];
        var a00 = V.Load(i0);
        var a01 = V.Load(i0 + V.Count);
        var i1 = tile.IsFresh ? tile.Initial : tile.Destinations[1];
        var a10 = V.Load(i1);
        var a11 = V.Load(i1 + V.Count);
        var i2 = tile.IsFresh ? tile.Initial : tile.Destinations[2];
        var a20 = V.Load(i2);
        var a21 = V.Load(i2 + V.Count);
        var i3 = tile.IsFresh ? tile.Initial : tile.Destinations[3];
        var a30 = V.Load(i3);
        var a31 = V.Load(i3 + V.Count);
        var i4 = tile.IsFresh ? tile.Initial : tile.Destinations[4];
        var a40 = V.Load(i4);
        var a41 = V.Load(i4 + V.Count);
        var i5 = tile.IsFresh ? tile.Initial : tile.Destinations[5];
        var a50 = V.Load(i5);
        var a51 = V.Load(i5 + V.Count);
        var i6 = tile.IsFresh ? tile.Initial : tile.Destinations[6];
        var a60 = V.Load(i6);
        var a61 = V.Load(i6 + V.Count);
        var i7 = tile.IsFresh ? tile.Initial : tile.Destinations[7];
        var a70 = V.Load(i7);
        var a71 = V.Load(i7 + V.Count);
        var factor = (byte*)tile.Factors;
        var factorStep = tile.FactorStep;
        var last = tile.Offsets + tile.Steps;
        for (var offset = tile.Offsets; offset != last; offset++)
        {
            nint index = *offset;
            var f0 = V.Load((float*)factor);
            var f1 = V.Load((float*)factor + V.Count);
            factor += factorStep;
            var x0 = V.Broadcast(*(float*)(s0 + index));
            a00 = V.MultiplyAdd(x0, f0, a00);
            a01 = V.MultiplyAdd(x0, f1, a01);
            var x1 = V.Broadcast(*(float*)(s1 + index));
            a10 = V.MultiplyAdd(x1, f0, a10);
            a11 = V.MultiplyAdd(x1, f1, a11);
            var x2 = V.Broadcast(*(float*)(s2 + index));
            a20 = V.MultiplyAdd(x2, f0, a20);
            a21 = V.MultiplyAdd(x2, f1, a21);
            var x3 = V.Broadcast(*(float*)(s3 + index));
            a30 = V.MultiplyAdd(x3, f0, a30);
            a31 = V.MultiplyAdd(x3, f1, a31);
            var x4 = V.Broadcast(*(float*)(s4 + index));
            a40 = V.MultiplyAdd(x4, f0, a40);
            a41 = V.MultiplyAdd(x4, f1, a41);
            var x5 = V.Broadcast(*(float*)(s5 + index));
            a50 = V.MultiplyAdd(x5, f0, a50);
            a51 = V.MultiplyAdd(x5, f1, a51);
            var x6 = V.Broadcast(*(float*)(s6 + index));
            a60 = V.MultiplyAdd(x6, f0, a60);
            a61 = V.MultiplyAdd(x6, f1, a61);
            var x7 = V.Broadcast(*(float*)(s7 + index));
            a70 = V.MultiplyAdd(x7, f0, a70);
            a71 = V.MultiplyAdd(x7, f1, a71);
        }

        if (tile.IsWhole)
        {
            var d0 = tile.Destinations[0];
            V.Store(a00, d0);
            V.Store(a01, d0 + V.Count);
            var d1 = tile.Destinations[1];
            V.Store(a10, d1);
            V.Store(a11, d1 + V.Count);
            var d2 = tile.Destinations[2];
            V.Store(a20, d2);
            V.Store(a21, d2 + V.Count);
            var d3 = tile.Destinations[3];
            V.Store(a30, d3);
            V.Store(a31, d3 + V.Count);
            var d4 = tile.Destinations[4];
            V.Store(a40, d4);
            V.Store(a41, d4 + V.Count);
            var d5 = tile.Destinations[5];
            V.Store(a50, d5);
            V.Store(a51, d5 + V.Count);
            var d6 = tile.Destinations[6];
            V.Store(a60, d6);
            V.Store(a61, d6 + V.Count);
            var d7 = tile.Destinations[7];
            V.Store(a70, d7);
            V.Store(a71, d7 + V.Count);
            return;
        }

        var results = (V*)tile.Results;
        results[0] = a00;
        results[1] = a01;
        results[2] = a10;
        results[3] = a11;
        results[4] = a20;
        results[5] = a21;
        results[6] = a30;
        results[7] = a31;
        results[8] = a40;
        results[9] = a41;
        results[10] = a50;
        results[11] = a51;
        results[12] = a60;
        results[13] = a61;
        results[14] = a70;
        results[15] = a71;
        Store(tile, results, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8Registers1<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
        var s4 = (byte*)tile.Sources[4];
        var s5 = (byte*)tile.Sources[5];
        var s6 = (byte*)tile.Sources[6];
        var s7 = (byte*)tile.Sources[7];
        var i0 = tile.IsFresh ? tile.Initial : tile.Destinations[0];
        var a00 = V.Load(i0);
        var i1 = tile.IsFresh ? tile.Initial : tile.Destinations[1];
        var a10 = V.Load(i1);
        var i2 = tile.IsFresh ? tile.Initial : tile.Destinations[2];
        var a20 = V.Load(i2);
        var i3 = tile.IsFresh ? tile.Initial : tile.Destinations[3];
        var a30 = V.Load(i3);
        var i4 = tile.IsFresh ? tile.Initial : tile.Destinations[4];
        var a40 = V.Load(i4);
        var i5 = tile.IsFresh ? tile.Initial : tile.Destinations[5];
        var a50 = V.Load(i5);
        var i6 = tile.IsFresh ? tile.Initial : tile.Destinations[6];
        var a60 = V.Load(i6);
        var i7 = tile.IsFresh ? tile.Initial : tile.Destinations[7];
        var a70 = V.Load(i7);
        var factor = (byte*)tile.Factors;
        var factorStep = tile.FactorStep;
        var last = tile.Offsets + tile.Steps;
        for (var offset = tile.Offsets; offset != last; offset++)
        {
            nint index = *offset;
            var f0 = V.Load((float*)factor);
            factor += factorStep;
            var x0 = V.Broadcast(*(float*)(s0 + index));
            a00 = V.MultiplyAdd(x0, f0, a00);
            var x1 = V.Broadcast(*(float*)(s1 + index));
            a10 = V.MultiplyAdd(x1, f0, a10);
            var x2 = V.Broadcast(*(float*)(s2 + index));
            a20 = V.MultiplyAdd(x2, f0, a20);
            var x3 = V.Broadcast(*(float*)(s3 + index));
            a30 = V.MultiplyAdd(x3, f0, a30);
            var x4 = V.Broadcast(*(float*)(s4 + index));
            a40 = V.MultiplyAdd(x4, f0, a40);
            var x5 = V.Broadcast(*(float*)(s5 + index));
            a50 = V.MultiplyAdd(x5, f0, a50);
            var x6 = V.Broadcast(*(float*)(s6 + index));
            a60 = V.MultiplyAdd(x6, f0, a60);
            var x7 = V.Broadcast(*(float*)(s7 + index));
            a70 = V.MultiplyAdd(x7, f0, a70);
        }

        if (tile.IsWhole)
        {
            var d0 = tile.Destinations[0];
            V.Store(a00, d0);
            var d1 = tile.Destinations[1];
            V.Store(a10, d1);
            var d2 = tile.Destinations[2];
            V.Store(a20, d2);
            var d3 = tile.Destinations[3];
            V.Store(a30, d3);
            var d4 = tile.Destinations[4];
            V.Store(a40, d4);
            var d5 = tile.Destinations[5];
            V.Store(a50, d5);
            var d6 = tile.Destinations[6];
            V.Store(a60, d6);
            var d7 = tile.Destinations[7];
            V.Store(a70, d7);
            return;
        }

        var results = (V*)tile.Results;
        results[0] = a00;
        results[1] = a10;
        results[2] = a20;
        results[3] = a30;
        results[4] = a40;
        results[5] = a50;
        results[6] = a60;
        results[7] = a70;
        Store(tile, results, 1);
    }
}
