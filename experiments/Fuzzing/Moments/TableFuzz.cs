// Broken tables, given to the whole importer: it looks at them, decides what they hold and reads every moment.
using System.Globalization;
using System.Text;

using Umwelt.Moments;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Importers.Tables;
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal abstract class TableFuzz(string format) : FuzzTarget
{
    // Buffers of the readers that stand open one after the other, and what is kept for each column and each episode.
    private const long Fixed = 4 << 20;
    private const long OfEachByte = 512;

    private static readonly string[] Cells =
    [
        "", "0", "1", "-1.5", "1e3", "3,14", "nan", "inf", "1e999", "true", "false", "red", "green", "2026-01-31T12:00:00Z", "2026-13-31", "1700000000000",
        "99999999999999999999999999", "a\"b", "ü", "null", "end", "truncation", "-", "0x10", "1e-320", "9223372036854775808",
    ];

    private static readonly string[] Columns =
    [
        "time", "timestamp", "t_ms", "episode", "ending", "done", "truncated", "reward", "action", "action[0]", "action[1]", "pose.x", "pose.y", "q_0", "q_1",
        "speed [m/s]", "index", "", "note", "ä", "a", "b",
    ];

    public override string Name => format;

    protected override long Extra(byte[] file) => Fixed + (OfEachByte * file.Length);

    protected override void Read(byte[] file, string name)
    {
        var table = new TableFile(name, format == "jsonl", null, () => new MemoryStream(file));
        using var importer = new TableImporter(format, name, [table], new ImportOptions(), "", CancellationToken.None);
        var moment = new MomentBatch(importer.Plan.Schema, 1);
        for (var episode = 0; episode < importer.Plan.EpisodeCount; episode++)
        {
            using var source = importer.OpenMoments(episode);
            var ending = Ending.None;
            while (source.Read(moment))
            {
                Check(moment, ending);
                ending = moment.Endings[0];
            }

            if (ending == Ending.None)
            {
                throw new InvalidOperationException("An episode does not stop.");
            }
        }
    }

    protected static string Column(ref RandomStream random) => Columns[random.NextInt32(Columns.Length)];

    protected static string Cell(ref RandomStream random, int column, int row) => random.NextInt32(3) switch
    {
        0 => Cells[random.NextInt32(Cells.Length)],
        1 => (row * 0.05).ToString(CultureInfo.InvariantCulture),
        _ => ((row * 31) + column).ToString(CultureInfo.InvariantCulture),
    };

    protected static List<byte> Bytes(StringBuilder text) => [.. Encoding.UTF8.GetBytes(text.ToString())];

    private static void Check(MomentBatch moment, Ending before)
    {
        if (before != Ending.None)
        {
            throw new InvalidOperationException("A moment follows the end of its episode.");
        }

        for (var i = 0; i < moment.Schema.Channels.Length; i++)
        {
            switch (moment.Schema.Channels[i])
            {
                case CategoryChannel category when (uint)moment.Category(i, 0) >= (uint)category.Count:
                    throw new InvalidOperationException("A category is none of its channel's.");
                case VectorChannel when moment.Vector(i, 0).ContainsAnyExceptInRange(float.MinValue, float.MaxValue):
                    throw new InvalidOperationException("A vector holds what is no number.");
            }
        }
    }
}

/// <summary>Broken CSV.</summary>
internal sealed class CsvFuzz() : TableFuzz("csv")
{
    public override byte[] Make(ref RandomStream random)
    {
        var separator = ",;\t|"[random.NextInt32(4)];
        var columns = 1 + random.NextInt32(6);
        var text = new StringBuilder();
        var names = new List<string>();
        for (var i = 0; i < columns; i++)
        {
            names.Add(Column(ref random));
        }

        text.AppendJoin(separator, random.NextInt32(20) == 0 ? names : [.. names.Distinct(StringComparer.Ordinal)]).Append('\n');
        columns = random.NextInt32(20) == 0 ? columns : names.Distinct(StringComparer.Ordinal).Count();
        for (var row = 0; row < random.NextInt32(12); row++)
        {
            for (var i = 0; i < columns; i++)
            {
                var cell = Cell(ref random, i, row);
                text.Append(i > 0 ? separator : "").Append(random.NextInt32(8) == 0 || cell.Contains(separator) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell);
            }

            text.Append(random.NextInt32(4) == 0 ? "\r\n" : "\n");
        }

        var bytes = Bytes(text);
        for (var strikes = random.NextInt32(3); strikes > 0; strikes--)
        {
            Damage.Strike(bytes, ref random);
        }

        return [.. bytes];
    }
}

/// <summary>Broken JSON-lines.</summary>
internal sealed class JsonLinesFuzz() : TableFuzz("jsonl")
{
    public override byte[] Make(ref RandomStream random)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = random.NextInt32(5); i >= 0; i--)
        {
            names.Add(Column(ref random));
        }

        var text = new StringBuilder();
        for (var row = 0; row < random.NextInt32(10); row++)
        {
            var column = 0;
            text.Append('{');
            foreach (var name in names)
            {
                text.Append(column > 0 ? "," : "").Append('"').Append(name).Append("\":").Append(Value(ref random, column, row));
                column++;
            }

            text.Append("}\n");
        }

        var bytes = Bytes(text);
        for (var strikes = random.NextInt32(3); strikes > 0; strikes--)
        {
            JsonDamage.Strike(bytes, ref random);
        }

        return [.. bytes];
    }

    private static string Value(ref RandomStream random, int column, int row) => random.NextInt32(10) switch
    {
        0 => "[1,2,3]",
        1 => "{\"x\":1,\"y\":[2]}",
        2 => "null",
        3 => "\"" + Cell(ref random, column, row).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"",
        4 => random.NextInt32(2) == 0 ? "true" : "false",
        _ => ((row * 0.05) + column).ToString(CultureInfo.InvariantCulture),
    };
}
