// Copies rows of segments into batches by reads at known offsets, straight into the batch's own memory. Values that would
// harm whoever uses them are checked on the way: categories there are not, text that runs backwards, presence that is
// neither yes nor no. Nothing is allocated once the files are open and pools are warm.
using System.Buffers;
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentReader(SegmentIndex[] segments, SegmentLayout layout, int mostOpen) : IDisposable
{
    private readonly SegmentFiles _files = new(segments, mostOpen);

    public void Read(int index, int first, int count, MomentBatch batch, int row, ReadOnlySpan<int> channels)
    {
        var segment = segments[index];
        using var file = _files.Open(index);
        file.Read(segment.EndingsAt + first, MemoryMarshal.AsBytes(batch.Endings.Slice(row, count)));
        for (var i = 0; i < channels.Length; i++)
        {
            if (channels[i] < 0)
            {
                for (var r = row; r < row + count; r++)
                {
                    batch.SetAbsent(i, r);
                }

                continue;
            }

            var place = segment.Channels[channels[i]];
            var tensors = layout.Channels[channels[i]];
            if (tensors.IsText)
            {
                ReadText(file, segment, place, tensors, first, count, batch, i, row);
            }
            else
            {
                var length = tensors.ByteCount;
                file.Read(place.ValuesAt + (first * (long)length), batch.Bytes(i).Slice(row * length, count * length));
            }

            ReadPresence(file, segment, place, tensors, first, count, batch, i, row);
            if (tensors.Channel is CategoryChannel category)
            {
                CheckCategories(segment, category, first, MemoryMarshal.Cast<byte, int>(batch.Bytes(i)).Slice(row, count));
            }
        }
    }

    public void ReadTimes(int index, int first, Span<double> times)
    {
        using var file = _files.Open(index);
        file.Read(segments[index].TimesAt + (first * (long)sizeof(double)), MemoryMarshal.AsBytes(times));
        for (var i = 0; i < times.Length; i++)
        {
            if (!double.IsFinite(times[i]))
            {
                throw new InvalidFileException(segments[index].Path, $"tensor '{SegmentLayout.Time}' holds {times[i]} at row {first + i}");
            }
        }
    }

    public void Dispose() => _files.Dispose();

    private static void ReadPresence(
        OpenSegment file, SegmentIndex segment, ChannelPlace place, ChannelTensors tensors, int first, int count, MomentBatch batch, int channel, int row)
    {
        var presence = batch.WritablePresence(channel).Slice(row, count);
        if (place.PresentAt < 0)
        {
            presence.Fill(1);
            return;
        }

        file.Read(place.PresentAt + first, presence);
        for (var i = 0; i < count; i++)
        {
            if (presence[i] == 0)
            {
                batch.SetAbsent(channel, row + i);
            }
            else if (presence[i] != 1)
            {
                throw new InvalidFileException(segment.Path, $"tensor '{tensors.Present}' holds {presence[i]} at row {first + i}; 0 and 1 can be");
            }
        }
    }

    private static void CheckCategories(SegmentIndex segment, CategoryChannel category, int first, ReadOnlySpan<int> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if ((uint)values[i] >= (uint)category.Count)
            {
                throw new InvalidFileException(segment.Path, $"tensor '{category.Name}' holds {values[i]} at row {first + i}; it is one of {category.Count}, from 0");
            }
        }
    }

    private static void ReadText(
        OpenSegment file, SegmentIndex segment, ChannelPlace place, ChannelTensors tensors, int first, int count, MomentBatch batch, int channel, int row)
    {
        var rented = ArrayPool<long>.Shared.Rent(count + 1);
        byte[]? text = null;
        try
        {
            var offsets = rented.AsSpan(0, count + 1);
            file.Read(place.OffsetsAt + (first * (long)sizeof(long)), MemoryMarshal.AsBytes(offsets));
            for (var i = 0; i <= count; i++)
            {
                var least = i == 0 ? 0 : offsets[i - 1];
                if (offsets[i] < least || offsets[i] > place.TextBytes || (i > 0 && offsets[i] - least > TextChannel.LongestText))
                {
                    throw new InvalidFileException(
                        segment.Path,
                        $"tensor '{tensors.Offsets}' goes from {least} to {offsets[i]} at row {first + i - 1}; offsets rise to {place.TextBytes}, by {TextChannel.LongestText} at most");
                }
            }

            var begin = offsets[0];
            if (offsets[count] - begin <= 1 << 20)
            {
                var length = (int)(offsets[count] - begin);
                text = ArrayPool<byte>.Shared.Rent(length);
                file.Read(place.ValuesAt + begin, text.AsSpan(0, length));
                for (var i = 0; i < count; i++)
                {
                    batch.SetText(channel, row + i, text.AsSpan((int)(offsets[i] - begin), (int)(offsets[i + 1] - offsets[i])));
                }
            }
            else
            {
                // Much text: moment after moment, so that what is held is bounded by the longest text of one.
                for (var i = 0; i < count; i++)
                {
                    var length = (int)(offsets[i + 1] - offsets[i]);
                    text = Longer(text, length);
                    file.Read(place.ValuesAt + offsets[i], text.AsSpan(0, length));
                    batch.SetText(channel, row + i, text.AsSpan(0, length));
                }
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(rented);
            if (text is not null)
            {
                ArrayPool<byte>.Shared.Return(text);
            }
        }
    }

    private static byte[] Longer(byte[]? text, int length)
    {
        if (text is not null && text.Length >= length)
        {
            return text;
        }

        if (text is not null)
        {
            ArrayPool<byte>.Shared.Return(text);
        }

        return ArrayPool<byte>.Shared.Rent(length);
    }
}
