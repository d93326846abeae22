// Damage done to bytes whatever they mean: flipped bits, extreme numbers, cuts, repetitions, exchanges.
using System.Buffers.Binary;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal static class Damage
{
    private static readonly ulong[] Extremes =
    [
        0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000,
        100_000_000, 100_000_001, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFF8, 0xFFFFFFFFFFFFFFFF,
    ];

    public static ulong Extreme(ref RandomStream random) => Extremes[random.NextInt32(Extremes.Length)];

    /// <summary>Does a random kind of damage at a random place.</summary>
    public static void Strike(List<byte> bytes, ref RandomStream random)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.NextUInt32());
            return;
        }

        var at = random.NextInt32(bytes.Count);
        var length = Math.Min(bytes.Count - at, 1 + random.NextInt32(16));
        switch (random.NextInt32(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.NextInt32(8));
                break;
            case 1:
                bytes[at] = (byte)random.NextUInt32();
                break;
            case 2:
                WriteExtreme(bytes, at, ref random);
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.InsertRange(random.NextInt32(bytes.Count), bytes.GetRange(at, length));
                break;
            case 6:
                for (var i = 0; i < length; i++)
                {
                    bytes.Insert(at, (byte)random.NextUInt32());
                }

                break;
            default:
                var other = random.NextInt32(bytes.Count);
                (bytes[at], bytes[other]) = (bytes[other], bytes[at]);
                break;
        }
    }

    private static void WriteExtreme(List<byte> bytes, int at, ref RandomStream random)
    {
        Span<byte> number = stackalloc byte[8];
        var value = Extreme(ref random);
        var size = 1 << random.NextInt32(4);
        if (random.NextInt32(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value << (64 - (8 * size)));
        }

        for (var i = 0; i < size && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }
}
