// Commands as lines of JSON, for people, other programs and another day: a line that says what it is, then for each episode its
// seed and a line for each moment after the first. A line may end with a sum over its moment, so that whoever replays the
// commands knows whether the same moments came of them.
using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Server.Internal.Play;

namespace Umwelt.Server.Internal.Sessions;

internal static class CommandLines
{
    public const string FileName = "commands.ndjson";
    private const int Version = 1;
    private const int LongestLine = 64 << 10;
    private const int MostLines = 4_000_000;
    private const int SumBytes = 8;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Whether lines can say what is done in a world: pictures and sound are no commands that anybody types.</summary>
    public static bool CanSay(Schema motor) => motor.Channels.All(channel => channel.Kind is ChannelKind.Vector or ChannelKind.Category or ChannelKind.Text);

    /// <summary>The line that a file begins with.</summary>
    public static void WriteHead(IBufferWriter<byte> output, string world) => Line(output, json =>
    {
        json.WriteNumber("umwelt-commands"u8, Version);
        json.WriteString("world"u8, world);
    });

    /// <summary>The line that begins an episode.</summary>
    public static void WriteEpisode(IBufferWriter<byte> output, long seed, string? from) => Line(output, json =>
    {
        json.WriteNumber("seed"u8, seed);
        if (from is not null)
        {
            json.WriteString("from"u8, from);
        }
    });

    /// <summary>The line of a moment: what its motor channels hold, and a sum over all of it if there is one.</summary>
    public static void WriteCommand(IBufferWriter<byte> output, Schema schema, ReadOnlySpan<int> motors, MomentBatch commands, int row, string? sum)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("motor"u8);
            foreach (var i in motors)
            {
                json.WritePropertyName(schema.Channels[i].Name);
                switch (schema.Channels[i].Kind)
                {
                    case ChannelKind.Text:
                        json.WriteStringValue(commands.Text(i, row));
                        break;
                    case ChannelKind.Category:
                        json.WriteNumberValue(commands.Category(i, row));
                        break;
                    default:
                        json.WriteStartArray();
                        foreach (var number in commands.Vector(i, row))
                        {
                            json.WriteNumberValue(number);
                        }

                        json.WriteEndArray();
                        break;
                }
            }

            json.WriteEndObject();
            if (sum is not null)
            {
                json.WriteString("sum"u8, sum);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>All that leads to a moment, as a file of its own, with a sum over that moment.</summary>
    public static byte[] Moment(string world, CommandLog log, MomentBatch moment)
    {
        var lines = new ArrayBufferWriter<byte>();
        WriteHead(lines, world);
        WriteEpisode(lines, log.Seed, log.From);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        WriteLog(lines, log, moment.Schema.Motor, log.Count, Sum(moment, 0, hash));
        return lines.WrittenSpan.ToArray();
    }

    /// <summary>The lines of the first commands of a log, the last with a sum if there is one.</summary>
    public static void WriteLog(IBufferWriter<byte> output, CommandLog log, Schema motor, int count, string? sum = null)
    {
        var commands = new MomentBatch(motor, 1);
        int[] motors = [.. Enumerable.Range(0, motor.Channels.Length)];
        var said = 0;
        for (var (i, position) = (0, 0); i < count; i++)
        {
            said = WriteAsides(output, log, said, i);
            position = log.Read(position, commands, 0);
            WriteCommand(output, motor, motors, commands, 0, i == count - 1 ? sum : null);
        }

        WriteAsides(output, log, said, count);
    }

    // What was said before a moment's commands; how much of what was said that makes in all.
    private static int WriteAsides(IBufferWriter<byte> output, CommandLog log, int said, int count)
    {
        for (; said < log.Asides.Count && log.Asides[said].Count <= count; said++)
        {
            WriteAside(output, log.Asides[said].Message);
        }

        return said;
    }

    /// <summary>The line of something that was said beside commands.</summary>
    public static void WriteAside(IBufferWriter<byte> output, string message) => Line(output, json =>
    {
        json.WritePropertyName("said"u8);
        json.WriteRawValue(message);
    });

    /// <summary>What tells a moment from every other one: the first bytes of SHA-256 over whether each channel is present, how
    /// many bytes it has and those bytes, then how the moment ends.</summary>
    public static string Sum(MomentBatch moments, int row, IncrementalHash hash)
    {
        Span<byte> head = stackalloc byte[5];
        for (var i = 0; i < moments.Schema.Channels.Length; i++)
        {
            var value = !moments.IsPresent(i, row) ? [] : moments.Schema.Channels[i].Kind == ChannelKind.Text ? moments.Text(i, row) : moments.Bytes(i, row);
            head[0] = moments.IsPresent(i, row) ? (byte)1 : (byte)0;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(head[1..], value.Length);
            hash.AppendData(head);
            hash.AppendData(value);
        }

        hash.AppendData([(byte)moments.Endings[row]]);
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(sum);
        return Convert.ToHexStringLower(sum[..SumBytes]);
    }

    /// <summary>The world that a file's commands are for.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static string ReadWorld(Stream file)
    {
        using var reader = new StreamReader(file);
        try
        {
            using var document = JsonDocument.Parse(ReadLine(reader, 1) ?? "", Strict);
            return World(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"line 1 is wrong: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Reads the episodes of a file that is for a world with these channels.</summary>
    /// <exception cref="InvalidDataException">It is for another one, or a line of it is wrong; the message says which.</exception>
    public static List<ReplayedEpisode> Read(Stream file, string world, Schema schema)
    {
        using var reader = new StreamReader(file);
        var commands = new MomentBatch(schema.Motor, 1);
        new StillOccupant(schema.Motor).Act(commands, commands, [true]);
        var episodes = new List<ReplayedEpisode>();
        for (var number = 1; ReadLine(reader, number) is { } line; number++)
        {
            try
            {
                using var document = JsonDocument.Parse(line, Strict);
                var root = document.RootElement;
                if (number == 1)
                {
                    if (World(root) is var other && !string.Equals(other, world, StringComparison.Ordinal))
                    {
                        throw new InvalidDataException($"it was made in '{other}', not in '{world}'");
                    }
                }
                else if (root.TryGetProperty("seed", out var seed))
                {
                    var log = new CommandLog(commands.Schema);
                    log.Begin(seed.GetInt64(), root.TryGetProperty("from", out var from) ? from.GetString() : null);
                    episodes.Add(new ReplayedEpisode(log, []));
                }
                else if (episodes.Count == 0)
                {
                    throw new InvalidDataException("commands stand before the first seed");
                }
                else if (root.TryGetProperty("said", out var said))
                {
                    episodes[^1].Log.Add(ClientMessage.Parse(System.Text.Encoding.UTF8.GetBytes(said.GetRawText()), schema) is ClientMessage.IAside aside
                        ? aside.Json
                        : throw new InvalidDataException("what was said is nothing that is said beside commands"));
                }
                else
                {
                    var episode = episodes[^1];
                    ChannelValues.Parse(root, commands.Schema).Write(commands);
                    episode.Log.Add(commands, 0);
                    if (!episode.Log.IsWhole)
                    {
                        throw new InvalidDataException($"the episode that line {number} belongs to is too long");
                    }

                    episode.Sums.Add(root.TryGetProperty("sum", out var sum) ? sum.GetString() : null);
                }
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ClientMessageException)
            {
                throw new InvalidDataException($"line {number} is wrong: {error.Message.ReplaceLineEndings(" ")}", error);
            }
        }

        return episodes.Count > 0 ? episodes : throw new InvalidDataException("the file holds no episode");
    }

    private static string World(JsonElement head) =>
        head.TryGetProperty("umwelt-commands", out var version) && version.GetInt32() == Version
            ? head.GetProperty("world").GetString()!
            : throw new InvalidDataException("the file holds no commands that this version reads");

    // A last line that a kill cut off says nothing; a line that never ends is nothing of ours.
    private static string? ReadLine(StreamReader reader, int number)
    {
        var line = new System.Text.StringBuilder();
        for (int letter; (letter = reader.Read()) >= 0;)
        {
            if (letter == '\n')
            {
                return number <= MostLines ? line.ToString() : throw new InvalidDataException($"the file has more than {MostLines} lines");
            }

            if (line.Append((char)letter).Length > LongestLine)
            {
                throw new InvalidDataException($"line {number} is longer than {LongestLine} letters");
            }
        }

        return null;
    }

    private static void Line(IBufferWriter<byte> output, Action<Utf8JsonWriter> fill)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            fill(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}

/// <summary>An episode of a file: what was done, and the sums of the moments that followed, where there are any.</summary>
internal sealed record ReplayedEpisode(CommandLog Log, List<string?> Sums);
