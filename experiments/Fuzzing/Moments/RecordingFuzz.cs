// Broken recordings: a sound description and a sound segment, of which one or both are struck – text as text, numbers in
// place, so that offsets stay true and the checks behind them are reached. Each is put into a folder and read as any other.
using System.Buffers.Binary;
using System.Text;

using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class RecordingFuzz : FuzzTarget
{
    private const int Rows = 30;
    private const int Stocks = 4;

    // What is read at once follows from this, whatever a damaged description claims that a moment holds.
    private const int MostMomentBytes = 4096;
    private const int RowsAtOnce = 8;
    private static readonly (byte[] Description, byte[] Segment)[] Stock = MakeStock();

    public override string Name => "recording";

    public override byte[] Make(ref RandomStream random)
    {
        var (description, segment) = Stock[random.NextInt32(Stocks)];
        var text = new List<byte>(description);
        var data = new List<byte>(segment);
        var what = random.NextInt32(4);
        if (what == 0)
        {
            JsonDamage.Strike(text, ref random);
        }

        for (var strikes = what == 0 ? 0 : 1 + random.NextInt32(2); strikes > 0; strikes--)
        {
            Strike(data, ref random);
        }

        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Count);
        return [.. length, .. text, .. data];
    }

    protected override long Extra(byte[] file) => 1 << 20;

    protected override void Read(byte[] file, string name)
    {
        var (description, segment) = Parts(file);
        var folder = Directory.CreateTempSubdirectory("umwelt-fuzz-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "segments"));
            File.WriteAllBytes(Path.Combine(folder, "recording.json"), description);
            File.WriteAllBytes(Path.Combine(folder, "segments", "0000-000000.safetensors"), segment);
            Read(folder);
        }
        catch (InvalidFileException error) when (error.Path.StartsWith(folder, StringComparison.Ordinal))
        {
            // The folder is of this attempt alone; what counts is that some file of it is named.
            throw new InvalidFileException(name, error.Problem, error.Offset);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Read(string folder)
    {
        using var recording = Recording.Open(folder);
        if (recording.Schema.ByteCount > MostMomentBytes)
        {
            return;
        }

        var batch = new MomentBatch(recording.Schema, RowsAtOnce);
        var times = new double[RowsAtOnce];
        for (var at = 0L; at < recording.MomentCount; at += RowsAtOnce)
        {
            var count = (int)Math.Min(RowsAtOnce, recording.MomentCount - at);
            recording.Read(at, count, batch);
            recording.ReadTimes(at, times.AsSpan(0, count));
        }

        if (recording.Episodes.Sum(episode => episode.Length) != recording.MomentCount)
        {
            throw new InvalidOperationException("Episodes and moments differ in number.");
        }
    }

    // Anything that is no pair is taken for a segment.
    private static (byte[] Description, byte[] Segment) Parts(byte[] file)
    {
        if (file.Length < sizeof(int))
        {
            return (Stock[0].Description, file);
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(file);
        return length >= 0 && length <= file.Length - sizeof(int)
            ? (file[sizeof(int)..(sizeof(int) + length)], file[(sizeof(int) + length)..])
            : (Stock[0].Description, file);
    }

    private static void Strike(List<byte> segment, ref RandomStream random)
    {
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(segment.GetRange(0, sizeof(long)).ToArray());
        switch (random.NextInt32(5))
        {
            case 0:
                // The header as text, its length made right again.
                var text = segment.GetRange(sizeof(long), header);
                JsonDamage.Strike(text, ref random);
                var length = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(length, text.Count);
                segment.RemoveRange(0, sizeof(long) + header);
                segment.InsertRange(0, [.. length, .. text]);
                break;
            case 1:
                Damage.Strike(segment, ref random);
                if (segment.Count < sizeof(long) + header)
                {
                    segment.AddRange(new byte[sizeof(long) + header - segment.Count]);
                }

                break;
            default:
                // Numbers in place: marks of episodes and offsets of text stand first in the data, being the largest type.
                var at = sizeof(long) + header + random.NextInt32(segment.Count - sizeof(long) - header);
                segment[at] = random.NextInt32(2) == 0 ? (byte)random.NextInt32(4) : (byte)random.NextUInt32();
                break;
        }

        // What follows strikes it again, and needs a header that lies in the file.
        if (BinaryPrimitives.ReadInt64LittleEndian(segment.GetRange(0, sizeof(long)).ToArray()) is var claimed && (claimed < 0 || claimed >= segment.Count - sizeof(long)))
        {
            segment.RemoveRange(0, sizeof(long));
            segment.InsertRange(0, new byte[sizeof(long)]);
            segment.Add(0);
        }
    }

    private static (byte[] Description, byte[] Segment)[] MakeStock()
    {
        var stock = new (byte[] Description, byte[] Segment)[Stocks];
        for (var i = 0; i < Stocks; i++)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-fuzz-").FullName;
            Record(Path.Combine(folder, "r"), i);
            stock[i] = (
                File.ReadAllBytes(Path.Combine(folder, "r", "recording.json")),
                File.ReadAllBytes(Path.Combine(folder, "r", "segments", "0000-000000.safetensors")));
            Directory.Delete(folder, recursive: true);
        }

        return stock;
    }

    private static void Record(string folder, int kind)
    {
        var schema = new Schema(
            10,
            new ImageChannel("sight", 2, 2),
            new SoundChannel("hearing", 3, 2),
            new VectorChannel("motor", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1], Names = ["x", "y"] },
            new CategoryChannel("use", 3, ChannelRole.Motor) { Labels = ["a", "b", "c"] },
            new TextChannel("speech"));
        var batch = new MomentBatch(schema, 1);

        // A fixed time, so that the same seed makes the same file.
        var provenance = new Provenance { Origin = "fuzz", Licence = "MIT", Created = DateTimeOffset.UnixEpoch, Creator = "fuzz" };
        using var writer = RecordingWriter.Create(folder, schema, provenance);
        for (var k = 0; k < Rows; k++)
        {
            if (k % 11 == 0)
            {
                writer.BeginEpisode(k);
            }

            batch.Clear();
            batch.SetPresent(0, 0);
            batch.SetPresent(1, 0);
            batch[0].Vector("motor")[0] = k;
            batch[0].Category("use") = k % 3;
            if (kind % 2 == 0 || k % 4 > 0)
            {
                batch.SetPresent(2, 0);
                batch.SetPresent(3, 0);
            }

            batch.SetText(4, 0, Encoding.UTF8.GetBytes(k % 3 == 0 ? $"at {k} – ∞" : ""));
            writer.Write(batch, 0, kind < 2 ? null : k * 0.11);
        }
    }
}
