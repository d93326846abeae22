// The header of a safetensors file, parsed and checked whole: nothing it says is believed before it agrees with the file's length.
// Counts are bounded, so that parsing allocates a small multiple of the header's own length.
using System.Collections.Immutable;
using System.Text.Json;

namespace Umwelt.Storage.Internal;

internal sealed class SafetensorsHeader
{
    public const int LongestHeader = 100_000_000;
    public const int MostDimensions = 64;
    public const int MostTensors = 1_000_000;
    public const int MostMetadata = 100_000;
    public const string MetadataKey = "__metadata__";

    public Dictionary<string, SafetensorsEntry> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Parses the JSON, which stands at byte 8 of a file whose data are <paramref name="dataLength"/> bytes.</summary>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> text, string path, long dataLength)
    {
        var header = new SafetensorsHeader();
        var json = new StrictJson(text, path, 8);
        var metadataSeen = false;
        Span<long> dimensions = stackalloc long[MostDimensions];
        json.Next();
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            var name = json.Text();
            if (string.Equals(name, MetadataKey, StringComparison.Ordinal))
            {
                if (metadataSeen)
                {
                    throw json.Wrong($"{MetadataKey} appears twice");
                }

                metadataSeen = true;
                header.ReadMetadata(ref json);
                continue;
            }

            if (header.Tensors.Count == MostTensors)
            {
                throw json.Wrong($"holds more than {MostTensors} tensors");
            }

            if (header.Tensors.ContainsKey(name))
            {
                throw json.Wrong($"tensor {Quoted.Of(name)} appears twice");
            }

            header.Tensors.Add(name, ReadEntry(ref json, name, dimensions));
        }

        json.ExpectEnd();
        header.CheckPlaces(path, 8L + text.Length, dataLength);
        return header;
    }

    private static SafetensorsEntry ReadEntry(ref StrictJson json, string name, scoped Span<long> dimensions)
    {
        SafetensorsType? type = null;
        long begin = -1, end = -1;
        var rank = -1;
        Span<long> offsets = stackalloc long[2];
        json.Expect(JsonTokenType.StartObject, "tensor", name);
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            switch (json.Text())
            {
                case "dtype" when type is null:
                    json.Expect(JsonTokenType.String, "dtype of tensor", name);
                    var typeName = json.Text();
                    type = SafetensorsTypes.TryParse(typeName, out var known)
                        ? known
                        : throw json.Wrong(
                            $"tensor {Quoted.Of(name)} has the unknown dtype {Quoted.Of(typeName)}; known are {SafetensorsTypes.AllNames}");
                    break;
                case "shape" when rank < 0:
                    rank = ReadNaturals(ref json, "shape of tensor", name, dimensions);
                    break;
                case "data_offsets" when end < 0:
                    if (ReadNaturals(ref json, "data_offsets of tensor", name, offsets) != 2)
                    {
                        throw json.Wrong($"data_offsets of tensor {Quoted.Of(name)} should hold 2 numbers");
                    }

                    (begin, end) = (offsets[0], offsets[1]);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw json.Wrong($"tensor {Quoted.Of(name)} has the key {Quoted.Of(json.Raw)} twice");
                default:
                    throw json.Wrong($"tensor {Quoted.Of(name)} has the unexpected key {Quoted.Of(json.Raw)}");
            }
        }

        if (type is not { } found || rank < 0 || end < 0)
        {
            throw json.Wrong($"tensor {Quoted.Of(name)} lacks its {(type is null ? "dtype" : rank < 0 ? "shape" : "data_offsets")}");
        }

        CheckSize(ref json, name, found, dimensions[..rank], begin, end);
        return new SafetensorsEntry(name, found, ImmutableArray.Create(dimensions[..rank]), begin, end);
    }

    private static int ReadNaturals(ref StrictJson json, string key, string name, scoped Span<long> destination)
    {
        var count = 0;
        json.Expect(JsonTokenType.StartArray, key, name);
        for (json.Next(); json.Token != JsonTokenType.EndArray; json.Next())
        {
            if (count == destination.Length)
            {
                throw json.Wrong($"{key} {Quoted.Of(name)} holds more than {destination.Length} numbers");
            }

            destination[count++] = json.Natural(key, name);
        }

        return count;
    }

    private static void CheckSize(ref StrictJson json, string name, SafetensorsType type, scoped ReadOnlySpan<long> shape, long begin, long end)
    {
        if (end < begin)
        {
            throw json.Wrong($"tensor {Quoted.Of(name)} ends at {end}, before it begins at {begin}");
        }

        try
        {
            var bytes = 1L;
            foreach (var dimension in shape)
            {
                bytes = checked(bytes * dimension);
            }

            bytes = checked(bytes * type.ByteSize());
            if (bytes != end - begin)
            {
                throw json.Wrong(
                    $"tensor {Quoted.Of(name)} of shape [{string.Join(", ", shape.ToArray())}] and type {type.FormatName()} needs {bytes} bytes but has {end - begin}");
            }
        }
        catch (OverflowException)
        {
            throw json.Wrong($"the shape of tensor {Quoted.Of(name)} is too large to count");
        }
    }

    private void ReadMetadata(ref StrictJson json)
    {
        json.Expect(JsonTokenType.StartObject, MetadataKey, "");
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            var key = json.Text();
            if (Metadata.Count == MostMetadata)
            {
                throw json.Wrong($"{MetadataKey} holds more than {MostMetadata} pairs");
            }

            if (Metadata.ContainsKey(key))
            {
                throw json.Wrong($"{MetadataKey} has the key {Quoted.Of(key)} twice");
            }

            json.Expect(JsonTokenType.String, MetadataKey, key);
            Metadata.Add(key, json.Text());
        }
    }

    private void CheckPlaces(string path, long dataStart, long dataLength)
    {
        var entries = new SafetensorsEntry[Tensors.Count];
        Tensors.Values.CopyTo(entries, 0);
        Array.Sort(entries, static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        var at = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != at)
            {
                throw new InvalidFileException(
                    path,
                    $"tensor {Quoted.Of(entry.Name)} begins at byte {entry.Begin} of the data where {at} is due: tensors {(entry.Begin < at ? "overlap" : "leave a gap")}",
                    dataStart);
            }

            at = entry.End;
        }

        if (at != dataLength)
        {
            throw new InvalidFileException(
                path,
                at > dataLength
                    ? $"its tensors need {at} bytes of data but only {dataLength} are there: the file is cut short"
                    : $"its tensors end at byte {at} of the data but {dataLength} bytes are there: something unknown follows",
                dataStart + Math.Min(at, dataLength));
        }
    }
}
