// Tiles of four rows, for tiers with sixteen registers and for the last rows elsewhere: up to twelve sums, three
// factors and one source value live in registers. Every sum is the same chain as in a tile of eight.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe partial struct BroadcastTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Registers3<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
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
        Store(tile, results, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Registers2<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
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
        Store(tile, results, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4Registers1<V>(in BroadcastTile tile)
        where V : unmanaged, ISimd<V>
    {
        var s0 = (byte*)tile.Sources[0];
        var s1 = (byte*)tile.Sources[1];
        var s2 = (byte*)tile.Sources[2];
        var s3 = (byte*)tile.Sources[3];
        var i0 = tile.IsFresh ? tile.Initial : tile.Destinations[0];
        var a00 = V.Load(i0);
        var i1 = tile.IsFresh ? tile.Initial : tile.Destinations[1];
        var a10 = V.Load(i1);
        var i2 = tile.IsFresh ? tile.Initial : tile.Destinations[2];
        var a20 = V.Load(i2);
        var i3 = tile.IsFresh ? tile.Initial : tile.Destinations[3];
        var a30 = V.Load(i3);
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
            return;
        }

        var results = (V*)tile.Results;
        results[0] = a00;
        results[1] = a10;
        results[2] = a20;
        results[3] = a30;
        Store(tile, results, 1);
    }
}
