// The law of all readers, for tables: every outcome is data or an InvalidFileException that names the file, soon and in
// bounded memory. A fixed corpus of damage by seed (the experiment fuzz-readers makes a million), and the nastiest by hand.
using System.Text;
using Umwelt.Fuzzing;
using Xunit;

namespace Umwelt.Moments.Tests.Importers;

public sealed class TableDamageTests
{
    private const int FilesOfDamage = 1500;

    public static TheoryData<string> Formats => ["csv", "jsonl"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Damaged_tables_give_moments_or_a_clear_error(string format)
    {
        var target = Target(format);
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20260101, number);
            Assert.True(outcome.Failure is null, outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        // Both outcomes occur often, or the damage is too weak or too strong to reach the checks.
        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 95 / 100);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_bytes_at_all_give_moments_or_a_clear_error(string format)
    {
        var target = Target(format);
        foreach (var (name, file) in Nasty())
        {
            var failure = target.Judge(file, $"{format}: {name}").Failure;
            Assert.True(failure is null, failure);
        }
    }

    private static FuzzTarget Target(string format) => format == "csv" ? new CsvFuzz() : new JsonLinesFuzz();

    private static IEnumerable<(string Name, byte[] File)> Nasty()
    {
        yield return ("nothing", []);
        yield return ("blank lines", "\n\r\n\n"u8.ToArray());
        yield return ("a mark alone", [0xEF, 0xBB, 0xBF]);
        yield return ("UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a,b\n1,2\n")]);
        yield return ("zeros", new byte[70_000]);
        yield return ("ones", Enumerable.Repeat((byte)0xFF, 70_000).ToArray());
        yield return ("all bytes", Enumerable.Range(0, 256).Select(i => (byte)i).ToArray());
        yield return ("a quote that never closes", Encoding.UTF8.GetBytes("a\n\"" + new string('x', 300_000)));
        yield return ("quotes alone", Encoding.UTF8.GetBytes(new string('"', 100_001)));
        yield return ("separators alone", Encoding.UTF8.GetBytes(new string(',', 100_000)));
        yield return ("many columns", Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 4096).Select(i => $"c{i}")) + "\n" + new string(',', 4095) + "\n"));
        yield return ("many texts", Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 400).Select(i => $"c{i}")) + "\n" + string.Join(',', Enumerable.Repeat("x y", 400)) + "\n"));
        yield return ("a long name", Encoding.UTF8.GetBytes(new string('n', 100_000) + ",b\n1,2\n"));
        yield return ("an episode a row", Encoding.UTF8.GetBytes("episode,x\n" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i},1\n"))));
        yield return ("times that run away", "t,x\n0,1\n1,1\n1e300,1\n-1e300,2\n"u8.ToArray());
        yield return ("times without end", "t,x\n0,1\n1e-300,1\n2e-300,1\n"u8.ToArray());
        yield return ("deep JSON", Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 200_000)));
        yield return ("deep objects", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 50_000))));
        yield return ("many members", Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"{i}\":1")) + "}"));
        yield return ("a long array", Encoding.UTF8.GetBytes("{\"a\":[" + string.Join(',', Enumerable.Repeat("1", 5000)) + "]}"));
        yield return ("a member twice", "{\"a\":1,\"a\":2}"u8.ToArray());
        yield return ("an empty object", "{}\n{}\n"u8.ToArray());
        yield return ("half a surrogate", "{\"a\":\"\\ud800\"}"u8.ToArray());
        yield return ("half a surrogate in a name", "{\"\\ud800\":1}"u8.ToArray());
    }
}
