// A moment's channels as a 64-bit sign each, so that long runs can be compared without being kept.
using System.Runtime.InteropServices;
using Umwelt.Moments;

namespace Umwelt.Worlds.Probe;

internal static class MomentSigns
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    /// <summary>Equal for equal presence and bytes; unequal ones agree by chance once in 2^64.</summary>
    public static ulong Of(MomentBatch moments, int channel, int row)
    {
        var bytes = moments.Schema.Channels[channel].Kind == ChannelKind.Text ? moments.Text(channel, row) : moments.Bytes(channel, row);
        var sign = Mix(Prime, moments.IsPresent(channel, row) ? (ulong)bytes.Length + 1 : 0);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            sign = Mix(sign, word);
        }

        foreach (var value in bytes[(words.Length * sizeof(ulong))..])
        {
            sign = Mix(sign, value);
        }

        return sign;
    }

    private static ulong Mix(ulong sign, ulong word)
    {
        var mixed = (sign ^ word) * Prime;
        return mixed ^ (mixed >> 29);
    }
}
