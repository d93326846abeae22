// Event files hold records as TensorBoard's reader wants them: this is a second, independent reading of the format.
using System.Buffers.Binary;
using System.Text;
using Umwelt.Learning.Internal;
using Xunit;

namespace Umwelt.Learning.Tests;

public sealed class EventFileTests
{
    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    public void The_check_sum_is_the_standard_one(string text, uint sum) => Assert.Equal(sum, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Every_record_has_its_length_and_its_sums_and_the_figures_are_in_it()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            using (var file = new EventFile(folder.FullName))
            {
                file.Write(300, new("loss", 1.5), new("rate/β", -2));
                file.Write(301, new KeyValuePair<string, double>("loss", double.NaN));
            }

            using var second = new EventFile(folder.FullName);
            Assert.Equal(2, folder.GetFiles("events.out.tfevents.*").Length);
            var first = folder.GetFiles().First(entry => entry.FullName != second.Path);
            var records = Records(File.ReadAllBytes(first.FullName));
            Assert.Equal(3, records.Count);
            Assert.Contains("brain.Event:2", Encoding.UTF8.GetString(records[0]), StringComparison.Ordinal);
            Assert.Equal("loss=1.5 rate/β=-2 @300", Text(records[1]));
            Assert.Equal("loss=NaN @301", Text(records[2]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Crc32C.Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var record = file.AsSpan(at + 12, length);
            Assert.Equal(Crc32C.Masked(record), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            records.Add(record.ToArray());
            at += 16 + length;
        }

        return records;
    }

    // Reads fields of any number and wire type, as protocol buffers define them.
    private static string Text(byte[] record)
    {
        var step = 0UL;
        var figures = new List<string>();
        foreach (var (field, number, bytes) in Fields(record))
        {
            step = field == 2 ? number : step;
            if (field == 5)
            {
                foreach (var (_, _, value) in Fields(bytes))
                {
                    var parts = Fields(value).ToDictionary(part => part.Field);
                    figures.Add(FormattableString.Invariant($"{Encoding.UTF8.GetString(parts[1].Bytes)}={BitConverter.UInt32BitsToSingle((uint)parts[2].Number)}"));
                }
            }
        }

        return $"{string.Join(' ', figures)} @{step}";
    }

    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, ulong, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0:
                    fields.Add(((int)(key >> 3), Varint(message, ref at), []));
                    break;
                case 1:
                    fields.Add(((int)(key >> 3), BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)), []));
                    at += 8;
                    break;
                case 5:
                    fields.Add(((int)(key >> 3), BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)), []));
                    at += 4;
                    break;
                default:
                    var length = (int)Varint(message, ref at);
                    fields.Add(((int)(key >> 3), 0, message.AsSpan(at, length).ToArray()));
                    at += length;
                    break;
            }
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
