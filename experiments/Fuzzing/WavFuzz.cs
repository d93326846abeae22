// Broken sound files of every stored form.
using System.Buffers.Binary;
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class WavFuzz : FuzzTarget
{
    private static readonly (int Tag, int Bits)[] Forms = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)];
    private static readonly string[] Names = ["RIFF", "RIFF", "RIFF", "RIFF", "RIFF", "RIFF", "RIFF", "RIFF", "RF64", "RIFX"];

    public override string Name => "wav";

    public override byte[] Make(ref RandomStream random)
    {
        var chunks = Sound(ref random);
        for (var strikes = 1 + random.NextInt32(4); strikes > 0; strikes--)
        {
            NamedChunk.Strike(chunks, ref random);
        }

        var body = new List<byte>("WAVE"u8.ToArray());
        foreach (var chunk in chunks)
        {
            body.AddRange(Encoding.ASCII.GetBytes(chunk.Name));
            AddNumber(body, random.NextInt32(50) == 0 ? (uint)Damage.Extreme(ref random) : (uint)chunk.Body.Length);
            body.AddRange(chunk.Body);
            if (chunk.Body.Length % 2 == 1 && random.NextInt32(50) != 0)
            {
                body.Add(0);
            }
        }

        var file = new List<byte>(Encoding.ASCII.GetBytes(Names[random.NextInt32(Names.Length)]));
        AddNumber(file, random.NextInt32(50) == 0 ? (uint)Damage.Extreme(ref random) : (uint)body.Count);
        file.AddRange(body);
        if (random.NextInt32(10) == 0)
        {
            Damage.Strike(file, ref random);
        }

        return file.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        var sound = Wav.Read(new MemoryStream(file), name);
        if (sound.Samples.Length % sound.Channels != 0 || sound.Samples.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new InvalidOperationException("A sound holds half a frame or a sample that is no number.");
        }
    }

    private static List<NamedChunk> Sound(ref RandomStream random)
    {
        var (tag, bits) = Forms[random.NextInt32(Forms.Length)];
        var channels = 1 + random.NextInt32(3);
        var extensible = random.NextInt32(3) == 0;
        var format = new byte[extensible ? 40 : 16 + (2 * random.NextInt32(2))];
        BinaryPrimitives.WriteUInt16LittleEndian(format, extensible ? (ushort)0xFFFE : (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteUInt32LittleEndian(format.AsSpan(4), 16_000);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)(channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        if (extensible)
        {
            format[16] = 22;
            BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(18), (ushort)bits);
            new byte[] { (byte)tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71 }.CopyTo(format, 24);
        }

        var data = new byte[channels * bits / 8 * random.NextInt32(20)];
        for (var i = 0; i < data.Length; i++)
        {
            // Small enough for floats to be finite in most files.
            data[i] = (byte)(random.NextUInt32() & (random.NextInt32(100) == 0 ? 0xFFu : 0x3Fu));
        }

        var chunks = new List<NamedChunk> { new("fmt ", format), new("LIST", [1, 2, 3]), new("data", data) };
        if (random.NextInt32(2) == 0)
        {
            chunks.RemoveAt(1);
        }

        return chunks;
    }

    private static void AddNumber(List<byte> file, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        file.AddRange(number);
    }
}
