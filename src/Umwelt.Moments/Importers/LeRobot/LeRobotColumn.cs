// What turns one column of a row into one channel of a moment. What cannot be is an error that names file, column and row;
// what is only missing (no value, a number that is none, a picture that is not there) leaves the channel absent and is told once.
using System.Globalization;
using System.Text;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Moments.Video;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

internal abstract class LeRobotColumn(string name, int channel)
{
    public string Name => name;

    public int Channel => channel;

    /// <summary>Writes a row's value into row 0 of a batch, or leaves the channel absent; returns what was odd, or null.</summary>
    public abstract string? Write(LeRobotDataFile file, long row, MomentBatch batch);

    protected InvalidFileException Wrong(LeRobotDataFile file, long row, string problem) =>
        new(file.Path, string.Create(CultureInfo.InvariantCulture, $"row {row}: column {ParquetPlace.Quote(name)} {problem}"));
}

internal sealed class LeRobotVectorColumn(string name, int channel, int size) : LeRobotColumn(name, channel)
{
    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var cursor = file.Of(Name);
        var at = cursor.MoveTo(row);
        var values = cursor.Values;
        var (first, count) = values.Row(at);
        if (count == 0 || (count == 1 && !values.Present[first]))
        {
            return $"column {ParquetPlace.Quote(Name)} lacks values, as in row {row}: absent there";
        }

        if (count != size)
        {
            throw Wrong(file, row, $"has {count} numbers where {size} are meant");
        }

        var destination = batch.Vector(Channel, 0);
        for (var i = 0; i < count; i++)
        {
            destination[i] = (float)values.Number(first + i);
            if (!float.IsFinite(destination[i]))
            {
                destination.Clear();
                return $"column {ParquetPlace.Quote(Name)} holds numbers that are none (NaN), as in row {row}: absent there";
            }
        }

        batch.SetPresent(Channel, 0);
        return null;
    }
}

internal sealed class LeRobotSoundColumn(string name, int channel, int size) : LeRobotColumn(name, channel)
{
    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var cursor = file.Of(Name);
        var at = cursor.MoveTo(row);
        var (first, count) = cursor.Values.Row(at);
        if (count != size)
        {
            throw Wrong(file, row, $"has {count} samples where {size} are meant");
        }

        var destination = batch.Sound(Channel, 0);
        for (var i = 0; i < count; i++)
        {
            var sample = cursor.Values.Whole(first + i);
            destination[i] = sample is >= short.MinValue and <= short.MaxValue ? (short)sample : throw Wrong(file, row, $"holds {sample}, which is no sample of 16 bits");
        }

        batch.SetPresent(Channel, 0);
        return null;
    }
}

internal sealed class LeRobotCategoryColumn(string name, int channel, int categories) : LeRobotColumn(name, channel)
{
    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var cursor = file.Of(Name);
        var at = cursor.MoveTo(row);
        var (first, count) = cursor.Values.Row(at);
        if (count == 0 || (count == 1 && !cursor.Values.Present[first]))
        {
            return $"column {ParquetPlace.Quote(Name)} lacks values, as in row {row}: absent there";
        }

        var value = count == 1 ? cursor.Values.Whole(first) : throw Wrong(file, row, $"has {count} values where one is meant");
        batch.Category(Channel, 0) = value >= 0 && value < categories ? (int)value : throw Wrong(file, row, $"is {value}, not one of {categories} from 0");
        batch.SetPresent(Channel, 0);
        return null;
    }
}

internal sealed class LeRobotTextColumn(string name, int channel) : LeRobotColumn(name, channel)
{
    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var cursor = file.Of(Name);
        var at = cursor.MoveTo(row);
        var (first, count) = cursor.Values.Row(at);
        var text = new StringBuilder();
        var there = false;
        for (var i = first; i < first + count; i++)
        {
            if (cursor.Values.Text(i) is { } part)
            {
                text.Append(there ? "\n" : "").Append(part);
                there = true;
            }
        }

        if (there)
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            batch.SetText(Channel, 0, bytes.Length <= TextChannel.LongestText ? bytes : throw Wrong(file, row, $"holds {bytes.Length} bytes of text, more than {TextChannel.LongestText}"));
        }

        return null;
    }
}

/// <summary>The task of a row, said where it begins: in the first moment, and where another takes over.</summary>
internal sealed class LeRobotTaskColumn(int channel, IReadOnlyDictionary<long, string> tasks) : LeRobotColumn(LeRobotOwnInfo.Tasks, channel)
{
    private long? _last;

    /// <summary>Stands before an episode.</summary>
    public void Begin() => _last = null;

    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var cursor = file.Of(Name);
        var at = cursor.MoveTo(row);
        var task = cursor.Values.Whole(cursor.Values.Row(at).First);
        if (task == _last)
        {
            batch.SetText(Channel, 0, "");
            return null;
        }

        _last = task;
        if (!tasks.TryGetValue(task, out var text))
        {
            return $"task {task} of row {row} is in no list of tasks: its text is absent";
        }

        batch.SetText(Channel, 0, text);
        return null;
    }
}

/// <summary>Pictures within the rows: PNG at its own size by our own reader, anything else by ffmpeg.</summary>
internal sealed class LeRobotPictureColumn(string name, ImageChannel image, int channel, string folder) : LeRobotColumn(name, channel)
{
    private static readonly byte[] PngHead = [0x89, (byte)'P', (byte)'N', (byte)'G'];

    public override string? Write(LeRobotDataFile file, long row, MomentBatch batch)
    {
        var (bytes, path) = Find(file, row);
        if (bytes.IsEmpty)
        {
            if (path is null)
            {
                return $"column {ParquetPlace.Quote(Name)} lacks pictures, as in row {row}: absent there";
            }

            var relative = LeRobotPath.Inside(path, file.Path);
            var full = Path.Combine(folder, relative);
            if (!File.Exists(full))
            {
                return $"pictures of {ParquetPlace.Quote(Name)} are missing, as {relative} of row {row}: absent there";
            }

            bytes = File.ReadAllBytes(full);
        }

        Decode(bytes.Span, $"{file.Path}: row {row}: column {ParquetPlace.Quote(Name)}", batch.Image(Channel, 0));
        batch.SetPresent(Channel, 0);
        return null;
    }

    private (ReadOnlyMemory<byte> Bytes, string? Path) Find(LeRobotDataFile file, long row)
    {
        var plain = file.Field(Name).IsLeaf;
        var bytes = plain ? file.Of(Name) : file.Of(Name, "bytes");
        var at = bytes.MoveTo(row);
        if (bytes.Values.Values is not ReadOnlyMemory<byte>[] pictures)
        {
            throw Wrong(file, row, "holds numbers where a picture is meant");
        }

        if (bytes.Values.Present[at] && !pictures[at].IsEmpty)
        {
            return (pictures[at], null);
        }

        if (plain || file.Field(Name).Child("path") is null)
        {
            return (default, null);
        }

        var paths = file.Of(Name, "path");
        at = paths.MoveTo(row);
        return (default, paths.Values.Text(at));
    }

    private void Decode(ReadOnlySpan<byte> picture, string origin, Span<byte> pixels)
    {
        if (picture.StartsWith(PngHead))
        {
            var info = Png.ReadInfo(picture, origin);
            if (info.Width == image.Width && info.Height == image.Height)
            {
                Png.Decode(picture, origin, (PngLayout)image.Colours, pixels);
                return;
            }
        }

        if (image.Colours != 3)
        {
            throw new InvalidFileException(origin, $"a picture of {image.Colours} colours is not a PNG of {image.Width} x {image.Height}");
        }

        // ffmpeg takes files.
        var temporary = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(temporary, picture);
            VideoReader.Still(temporary, image.Width, image.Height).CopyTo(pixels);
        }
        catch (InvalidFileException error)
        {
            throw new InvalidFileException(origin, error.Problem, innerException: error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
