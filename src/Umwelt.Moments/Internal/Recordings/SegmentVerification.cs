// Reads a segment whole and compares each tensor with the checksum that was written beside it. Segments written by others
// may have none; of those only the structure can be judged.
using System.Buffers;
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal static class SegmentVerification
{
    private const int Chunk = 1 << 20;

    /// <summary>What is wrong with a file, if anything.</summary>
    public static string? Problem(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, entry) in file.Tensors)
            {
                if (!file.Metadata.TryGetValue(SegmentLayout.ChecksumKey + name, out var text))
                {
                    continue;
                }

                var sum = uint.MaxValue;
                for (var at = 0L; at < entry.ByteLength; at += Chunk)
                {
                    var part = buffer.AsSpan(0, (int)Math.Min(Chunk, entry.ByteLength - at));
                    file.Read(name, at, part);
                    sum = Checksum.Add(sum, part);
                }

                if (!uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var written) || written != ~sum)
                {
                    return $"tensor '{name}' is not what was written: its checksum is {~sum:x8}, {text} is noted";
                }
            }

            return null;
        }
        catch (InvalidFileException error)
        {
            return error.Problem;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
