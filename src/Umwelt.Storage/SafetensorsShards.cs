// The tensors of a model, in one safetensors file or spread over several by an index, read as if they were one.
// Opening checks everything: each file the index names is there and sound, and each tensor is in the file it is said to be in.
using System.Buffers;
using System.Globalization;
using System.Text.Json;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>All tensors of a model's folder.</summary>
public sealed class SafetensorsShards : IDisposable
{
    private const string SingleName = "model.safetensors";
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _owners = new(StringComparer.Ordinal);

    private SafetensorsShards(string path) => Path = path;

    /// <summary>The index or the single file.</summary>
    public string Path { get; }

    /// <summary>The names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _owners.Keys;

    /// <summary>What the files say of one tensor; a name they lack is an <see cref="InvalidFileException"/>.</summary>
    public SafetensorsEntry this[string name] => OwnerOf(name)[name];

    /// <summary>Opens an index, a single safetensors file, or a folder with <c>model.safetensors.index.json</c> or <c>model.safetensors</c>.</summary>
    public static SafetensorsShards Open(string path)
    {
        if (Directory.Exists(path))
        {
            var index = System.IO.Path.Combine(path, SafetensorsIndex.FileName);
            var single = System.IO.Path.Combine(path, SingleName);
            path = File.Exists(index) ? index : File.Exists(single) ? single
                : throw new FileNotFoundException($"{path}: holds neither {SafetensorsIndex.FileName} nor {SingleName}", path);
        }

        var shards = new SafetensorsShards(path);
        try
        {
            if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                shards.OpenAll(SafetensorsIndex.Read(path));
            }
            else
            {
                var file = SafetensorsFile.Open(path);
                shards._files.Add(path, file);
                foreach (var name in file.Tensors.Keys)
                {
                    shards._owners.Add(name, file);
                }
            }

            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the tensors into this folder as files of at most <paramref name="largestFile"/> bytes of data each (a larger tensor
    /// has a file of its own) and an index. The index is replaced last, and files of an older index stay until then: a process
    /// killed at any instant leaves the old model or the new.
    /// </summary>
    public static void Write(string folder, SafetensorsWriter writer, long largestFile)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largestFile);
        var indexPath = System.IO.Path.Combine(folder, SafetensorsIndex.FileName);
        var old = File.Exists(indexPath) ? SafetensorsIndex.Read(indexPath).Files.Values.ToHashSet(StringComparer.Ordinal) : [];
        var parts = Split(writer.InOrder(), largestFile);
        var names = UnusedNames(folder, parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            AtomicFile.Write(System.IO.Path.Combine(folder, names[i]), stream => writer.Write(stream, part));
        }

        AtomicFile.Write(indexPath, stream => WriteIndex(stream, parts, names));
        foreach (var name in old)
        {
            File.Delete(System.IO.Path.Combine(folder, name));
        }
    }

    /// <summary>Copies a whole tensor; the destination must have exactly its length.</summary>
    public void Read(string name, Span<byte> destination) => OwnerOf(name).Read(name, destination);

    /// <summary>Copies a part of a tensor, from this byte of it on, until the destination is full.</summary>
    public void Read(string name, long start, Span<byte> destination) => OwnerOf(name).Read(name, start, destination);

    /// <summary>Copies a whole tensor of any length to native memory, which must hold <see cref="SafetensorsEntry.ByteLength"/> bytes.</summary>
    public unsafe void Read(string name, byte* destination) => OwnerOf(name).Read(name, destination);

    /// <summary>Copies a whole tensor into a pooled buffer, which belongs to the caller and returns to the pool when disposed.</summary>
    public IMemoryOwner<byte> Rent(string name) => OwnerOf(name).Rent(name);

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private static List<List<SafetensorsWriter.Pending>> Split(List<SafetensorsWriter.Pending> tensors, long largestFile)
    {
        var parts = new List<List<SafetensorsWriter.Pending>> { new() };
        var filled = 0L;
        foreach (var tensor in tensors)
        {
            if (parts[^1].Count > 0 && tensor.Length > largestFile - filled)
            {
                parts.Add([]);
                filled = 0;
            }

            parts[^1].Add(tensor);
            filled += tensor.Length;
        }

        return parts;
    }

    private static string[] UnusedNames(string folder, int count)
    {
        for (var generation = 1; ; generation++)
        {
            var stem = generation == 1 ? "model" : string.Create(CultureInfo.InvariantCulture, $"model-v{generation}");
            var names = new string[count];
            for (var i = 0; i < count; i++)
            {
                names[i] = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i + 1:00000}-of-{count:00000}.safetensors");
            }

            if (!Array.Exists(names, name => File.Exists(System.IO.Path.Combine(folder, name))))
            {
                return names;
            }
        }
    }

    private static void WriteIndex(Stream stream, List<List<SafetensorsWriter.Pending>> parts, string[] names)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata"u8);
        json.WriteNumber("total_size"u8, parts.Sum(static part => part.Sum(static tensor => tensor.Length)));
        json.WriteEndObject();
        json.WriteStartObject("weight_map"u8);
        var all = parts.SelectMany((part, i) => part.Select(tensor => (tensor.Name, File: names[i])));
        foreach (var (name, file) in all.OrderBy(static pair => pair.Name, StringComparer.Ordinal))
        {
            json.WriteString(name, file);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void OpenAll(SafetensorsIndex index)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(index.Path))!;
        foreach (var (tensor, name) in index.Files)
        {
            if (!_files.TryGetValue(name, out var file))
            {
                file = OpenShard(index, System.IO.Path.Combine(folder, name), name);
                _files.Add(name, file);
            }

            if (!file.Tensors.ContainsKey(tensor))
            {
                throw new InvalidFileException(index.Path, $"says that tensor {Quoted.Of(tensor)} is in {Quoted.Of(name)}, but it is not");
            }

            _owners.Add(tensor, file);
        }
    }

    private static SafetensorsFile OpenShard(SafetensorsIndex index, string path, string name)
    {
        try
        {
            return SafetensorsFile.Open(path);
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidFileException(index.Path, $"names the file {Quoted.Of(name)}, which is missing", null, e);
        }
    }

    private SafetensorsFile OwnerOf(string name) => _owners.TryGetValue(name, out var file)
        ? file
        : throw new InvalidFileException(Path, $"holds no tensor {Quoted.Of(name)}");
}
