// The index of a model whose tensors are spread over several safetensors files: which tensor lies in which file.
// File names are plain names in the index's own folder; anything that could lead elsewhere is refused.
using System.Runtime.InteropServices;
using System.Text.Json;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>The content of a <c>model.safetensors.index.json</c>.</summary>
public sealed class SafetensorsIndex
{
    /// <summary>The name an index has in a model's folder.</summary>
    public const string FileName = "model.safetensors.index.json";

    private const string Suffix = ".safetensors";
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    private SafetensorsIndex(string path) => Path = path;

    /// <summary>The file, or the name given to the stream.</summary>
    public string Path { get; }

    /// <summary>The bytes of all tensors together, if the index says it. It is not checked: files in use are known to err.</summary>
    public long? TotalSize { get; private set; }

    /// <summary>The file of each tensor.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>Reads an index.</summary>
    public static SafetensorsIndex Read(string path)
    {
        using var source = ByteSource.OfFile(path);
        return Read(source);
    }

    /// <summary>Reads an index from a seekable stream; <paramref name="name"/> is used in errors.</summary>
    public static SafetensorsIndex Read(Stream stream, string name)
    {
        using var source = ByteSource.OfStream(stream, name, leaveOpen: true);
        return Read(source);
    }

    private static unsafe SafetensorsIndex Read(ByteSource source)
    {
        if (source.Length > SafetensorsHeader.LongestHeader)
        {
            throw new InvalidFileException(source.Name, $"has {source.Length} bytes; an index may have {SafetensorsHeader.LongestHeader}");
        }

        var text = (byte*)NativeMemory.Alloc((nuint)Math.Max(source.Length, 1));
        try
        {
            var span = new Span<byte>(text, (int)source.Length);
            source.Read(0, span);
            var index = new SafetensorsIndex(source.Name);
            index.Parse(span);
            return index;
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    private void Parse(ReadOnlySpan<byte> text)
    {
        var json = new StrictJson(text, Path, 0);
        bool mapSeen = false, metadataSeen = false;
        json.Next();
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            switch (json.Text())
            {
                case "metadata" when !metadataSeen:
                    metadataSeen = true;
                    ReadMetadata(ref json);
                    break;
                case "weight_map" when !mapSeen:
                    mapSeen = true;
                    ReadMap(ref json);
                    break;
                case "metadata" or "weight_map":
                    throw json.Wrong($"the key {Quoted.Of(json.Raw)} appears twice");
                default:
                    throw json.Wrong($"the key {Quoted.Of(json.Raw)} is unexpected; an index holds metadata and weight_map");
            }
        }

        json.ExpectEnd();
        if (!mapSeen)
        {
            throw new InvalidFileException(Path, "lacks its weight_map");
        }
    }

    private void ReadMetadata(ref StrictJson json)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        json.Expect(JsonTokenType.StartObject, "metadata", "");
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            var key = json.Text();
            if (seen.Count == SafetensorsHeader.MostMetadata || !seen.Add(key))
            {
                throw json.Wrong($"metadata has the key {Quoted.Of(key)} twice, or too many keys");
            }

            json.Next();
            if (json.Token is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                throw json.Wrong($"metadata {Quoted.Of(key)} should be a plain value");
            }

            // Some tools write it with a fraction; such a size is taken as not said.
            if (string.Equals(key, "total_size", StringComparison.Ordinal) && json.Token == JsonTokenType.Number
                && json.Raw.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
            {
                TotalSize = json.Natural("total_size", "");
            }
        }
    }

    private void ReadMap(ref StrictJson json)
    {
        // Thousands of tensors share a few files: each file name is kept once.
        var names = new HashSet<string>(StringComparer.Ordinal);
        json.Expect(JsonTokenType.StartObject, "weight_map", "");
        for (json.Next(); json.Token != JsonTokenType.EndObject; json.Next())
        {
            var tensor = json.Text();
            if (_files.Count == SafetensorsHeader.MostTensors)
            {
                throw json.Wrong($"weight_map holds more than {SafetensorsHeader.MostTensors} tensors");
            }

            if (_files.ContainsKey(tensor))
            {
                throw json.Wrong($"weight_map has tensor {Quoted.Of(tensor)} twice");
            }

            json.Expect(JsonTokenType.String, "weight_map", tensor);
            var file = json.Text();
            if (names.TryGetValue(file, out var kept))
            {
                file = kept;
            }
            else if (IsPlainName(file))
            {
                names.Add(file);
            }
            else
            {
                throw json.Wrong($"weight_map leads tensor {Quoted.Of(tensor)} to {Quoted.Of(file)}, which is not the plain name of a {Suffix} file in this folder");
            }

            _files.Add(tensor, file);
        }
    }

    private static bool IsPlainName(string name)
    {
        if (name.Length is < 13 or > 255 || name[0] == '.' || !name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (c < ' ' || c is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' or '\x7F')
            {
                return false;
            }
        }

        return true;
    }
}
