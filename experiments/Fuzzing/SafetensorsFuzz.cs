// Broken safetensors files: a sound header of a few tensors is damaged, its length field then mostly made right again.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class SafetensorsFuzz : FuzzTarget
{
    private static readonly SafetensorsType[] Types = Enum.GetValues<SafetensorsType>();

    public override string Name => "safetensors";

    public override byte[] Make(ref RandomStream random)
    {
        var (header, dataLength) = SoundHeader(ref random);
        for (var strikes = 1 + random.NextInt32(4); strikes > 0; strikes--)
        {
            JsonDamage.Strike(header, ref random);
        }

        if (random.NextInt32(20) == 0)
        {
            dataLength += random.NextInt32(9) - 4;
        }

        var length = random.NextInt32(20) == 0 ? Damage.Extreme(ref random) : (ulong)header.Count;
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        var file = new List<byte>([.. prefix, .. header, .. new byte[Math.Max(0, dataLength)]]);
        if (random.NextInt32(10) == 0)
        {
            Damage.Strike(file, ref random);
        }

        return file.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        using var opened = SafetensorsFile.Open(new MemoryStream(file), name);
        foreach (var (tensor, entry) in opened.Tensors)
        {
            using var bytes = opened.Rent(tensor);
            if (bytes.Memory.Length != entry.ByteLength || entry.ElementCount < 0)
            {
                throw new InvalidOperationException("An entry contradicts its data.");
            }
        }
    }

    private static (List<byte> Header, int DataLength) SoundHeader(ref RandomStream random)
    {
        var text = new StringBuilder("{");
        if (random.NextInt32(3) == 0)
        {
            text.Append("\"__metadata__\":{\"format\":\"pt\",\"k\":\"\u00fc\"},");
        }

        var at = 0;
        for (int i = 0, count = random.NextInt32(5); i < count; i++)
        {
            var type = Types[random.NextInt32(Types.Length)];
            int rows = random.NextInt32(4), columns = random.NextInt32(5);
            var bytes = rows * columns * type.ByteSize();
            text.Append(
                CultureInfo.InvariantCulture,
                $"\"t{i}.weight\":{{\"dtype\":\"{type.FormatName()}\",\"shape\":[{rows},{columns}],\"data_offsets\":[{at},{at + bytes}]}},");
            at += bytes;
        }

        if (text[^1] == ',')
        {
            text.Length--;
        }

        text.Append('}').Append(' ', random.NextInt32(8));
        return (new List<byte>(Encoding.UTF8.GetBytes(text.ToString())), at);
    }
}
