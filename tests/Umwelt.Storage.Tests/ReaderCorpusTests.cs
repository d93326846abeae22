// The law of all readers: every outcome is data or an InvalidFileException that names the file, soon and in bounded memory.
// A fixed corpus: some hundred files of damage by seed (the experiment fuzz-readers makes a million) and the nastiest by hand.
using System.Buffers.Binary;
using System.Text;

using Umwelt.Fuzzing;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class ReaderCorpusTests
{
    private const int FilesOfDamage = 500;

    public static TheoryData<string> Readers => new(FuzzTarget.All.Select(target => target.Name));

    [Theory]
    [MemberData(nameof(Readers))]
    public void Damaged_files_give_data_or_a_clear_error(string reader)
    {
        var target = FuzzTarget.All.Single(target => string.Equals(target.Name, reader, StringComparison.Ordinal));
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20260101, number);
            Assert.Null(outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        // Both outcomes occur often, or the damage is too weak or too strong to reach the checks.
        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 99 / 100);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Any_bytes_at_all_give_data_or_a_clear_error(string reader)
    {
        var target = FuzzTarget.All.Single(target => string.Equals(target.Name, reader, StringComparison.Ordinal));
        foreach (var (name, file) in Nasty())
        {
            Assert.Null(target.Judge(file, $"{reader}: {name}").Failure);
            Assert.Null(target.Judge(file[Math.Min(8, file.Length)..], $"{reader}: {name} without its first 8 bytes").Failure);
        }
    }

    [Fact]
    public void The_same_seed_makes_the_same_file()
    {
        foreach (var target in FuzzTarget.All)
        {
            var first = RandomStream.Of(1, 2);
            var second = RandomStream.Of(1, 2);
            Assert.Equal(target.Make(ref first), target.Make(ref second));
        }
    }

    private static IEnumerable<(string Name, byte[] File)> Nasty()
    {
        yield return ("nothing", []);
        yield return ("one byte", [0]);
        yield return ("zeros", new byte[70_000]);
        yield return ("ones", Enumerable.Repeat((byte)0xFF, 70_000).ToArray());
        yield return ("all bytes", Enumerable.Range(0, 256).Select(i => (byte)i).ToArray());
        yield return ("deep arrays", Header("{\"a\":" + new string('[', 500_000)));
        yield return ("deep objects", Header(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))));
        yield return ("a long name", Header("{\"" + new string('n', 200_000) + "\":1}"));
        yield return ("a long bad dtype", Header("{\"a\":{\"dtype\":\"" + new string('F', 200_000) + "\"}}"));
        yield return ("a long number", Header("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + new string('9', 200_000) + "]}}"));
        yield return ("many dimensions", Header("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + string.Concat(Enumerable.Repeat("1,", 100_000)) + "1]}}"));
        yield return ("many names", Header("{" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}},"))));
        yield return ("one name many times", Header("{" + string.Concat(Enumerable.Repeat("\"\":1,", 100_000)) + "\"\":1}"));
        yield return ("white space alone", Header("{" + new string(' ', 500_000)));
        yield return ("a long bad literal", Header("{\"a\":t" + new string('u', 200_000) + "}"));
        yield return ("half a character", [.. Header("{\"a"), 0xE2, 0x82]);
        var picture = new PlainPng(1000, 1000, 8, 2);
        yield return ("a bomb", picture.Assemble(PlainPng.Deflate(new byte[5_000_000])));
        yield return ("a zlib dictionary nobody has", picture.Assemble([0x78, 0xBB, 1, 2, 3, 4, 5, 6, 7, 8]));
        yield return ("a wide picture", new PlainPng(int.MaxValue, 1, 1, 0).Assemble(PlainPng.Deflate(new byte[100_000])));
        yield return ("a tall picture", new PlainPng(1, int.MaxValue, 1, 0).Assemble(PlainPng.Deflate(new byte[100_000])));
        yield return ("an interlaced giant", new PlainPng(int.MaxValue, int.MaxValue, 16, 6) { Interlaced = true }.Assemble(PlainPng.Deflate(new byte[9])));
        yield return ("many empty data chunks", [.. picture.Assemble([1])[..33], .. Enumerable.Repeat(PlainPng.Chunk("IDAT", []), 5000).SelectMany(chunk => chunk)]);
        yield return ("many empty sound chunks", [.. "RIFF"u8, 0x44, 0x9C, 0, 0, .. "WAVE"u8, .. Enumerable.Repeat("junk\0\0\0\0"u8.ToArray(), 5000).SelectMany(chunk => chunk)]);
    }

    private static byte[] Header(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, bytes.Length);
        return [.. prefix, .. bytes];
    }
}
