// Tensors in safetensors files, each under its name and in its own type: weights, the state of an optimiser, or both.
// A file replaces another at once or not at all, and nothing is loaded unless everything fits.
using System.Buffers;
using Umwelt.Storage;

namespace Umwelt.Tensors;

/// <summary>Saves named tensors and loads them again.</summary>
public static class TensorFile
{
    /// <summary>Writes tensors to a safetensors file, with what the file says of itself.</summary>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            writer.Metadata[key] = value;
        }

        foreach (var (name, tensor) in tensors)
        {
            writer.Add(name, TypeOf(tensor.Type), Lengths(tensor.Shape), stream => Write(stream, tensor));
        }

        writer.Write(path);
    }

    /// <summary>
    /// Overwrites tensors with those of their names in a safetensors file, which have the same shapes and types. What else the
    /// file holds stays there.
    /// </summary>
    public static void Load(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var file = SafetensorsFile.Open(path);
        KeyValuePair<string, Tensor>[] wanted = [.. tensors];
        foreach (var (name, tensor) in wanted)
        {
            var entry = file[name];
            if (entry.Type != TypeOf(tensor.Type) || !entry.Shape.AsSpan().SequenceEqual(Lengths(tensor.Shape)))
            {
                throw new ShapeException($"{path}: '{name}' is {entry.Type} [{string.Join(", ", entry.Shape)}], not {tensor.Type} {tensor.Shape}.");
            }
        }

        foreach (var (name, tensor) in wanted)
        {
            using var bytes = file.Rent(name);
            using var scope = tensor.Engine.Scope();
            var target = tensor.IsContiguous ? tensor : tensor.Engine.Empty(tensor.Shape, tensor.Type);
            tensor.Engine.Backend.Upload(bytes.Memory.Span, tensor.Type, target.Node.View);
            target.Node.Buffer!.Version++;
            if (target != tensor)
            {
                using var unrecorded = tensor.Engine.NoGradient();
                tensor.CopyFrom(target);
            }
        }
    }

    private static void Write(Stream stream, Tensor tensor)
    {
        using var scope = tensor.Engine.Scope();
        using var unrecorded = tensor.Engine.NoGradient();
        var length = checked((int)(tensor.Count * tensor.Type.Size()));
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            tensor.Engine.Backend.Download(tensor.Contiguous().Node.View, bytes.AsSpan(0, length), tensor.Type);
            stream.Write(bytes, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static long[] Lengths(Shape shape)
    {
        var lengths = new long[shape.Rank];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = shape[i];
        }

        return lengths;
    }

    private static SafetensorsType TypeOf(DataType type) => type switch
    {
        DataType.BFloat16 => SafetensorsType.BFloat16,
        DataType.Float16 => SafetensorsType.Float16,
        DataType.Int32 => SafetensorsType.Int32,
        DataType.Int64 => SafetensorsType.Int64,
        DataType.UInt8 => SafetensorsType.UInt8,
        _ => SafetensorsType.Float32,
    };
}
