// Tensors in safetensors files, each under its name and in its own type: weights, the state of an optimiser, or both.
// A file replaces another at once or not at all, and nothing is loaded unless everything fits.
using System.Buffers;
using Umwelt.Storage;

namespace Umwelt.Tensors;

/// <summary>Saves named tensors and loads them again.</summary>
public static class TensorFile
{
    /// <summary>Writes tensors to a safetensors file, with what the file says of itself.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">What goes into it.</param>
    /// <param name="metadata">What it says of itself.</param>
    /// <param name="precision">What those of type Float32 become in the file: the same, or half as many bytes.</param>
    public static void Save(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null, DataType precision = DataType.Float32)
    {
        if (precision is not (DataType.Float32 or DataType.BFloat16 or DataType.Float16))
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, "Numbers are kept as Float32, BFloat16 or Float16.");
        }

        ArgumentNullException.ThrowIfNull(tensors);
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            writer.Metadata[key] = value;
        }

        foreach (var (name, tensor) in tensors)
        {
            var type = tensor.Type == DataType.Float32 ? precision : tensor.Type;
            writer.Add(name, TypeOf(type), Lengths(tensor.Shape), stream => Write(stream, tensor, type));
        }

        writer.Write(path);
    }

    /// <summary>
    /// Overwrites tensors with those of their names in a safetensors file, which have the same shapes and types; numbers of half
    /// the bytes go into Float32 too. What else the file holds stays there.
    /// </summary>
    public static void Load(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var file = SafetensorsFile.Open(path);
        KeyValuePair<string, Tensor>[] wanted = [.. tensors];
        foreach (var (name, tensor) in wanted)
        {
            var entry = file[name];
            if (!Fits(entry.Type, tensor.Type) || !entry.Shape.AsSpan().SequenceEqual(Lengths(tensor.Shape)))
            {
                throw new ShapeException($"{path}: '{name}' is {entry.Type} [{string.Join(", ", entry.Shape)}], not {tensor.Type} {tensor.Shape}.");
            }
        }

        foreach (var (name, tensor) in wanted)
        {
            using var bytes = file.Rent(name);
            using var scope = tensor.Engine.Scope();
            var target = tensor.IsContiguous ? tensor : tensor.Engine.Empty(tensor.Shape, tensor.Type);
            tensor.Engine.Backend.Upload(bytes.Memory.Span, file[name].Type == TypeOf(tensor.Type) ? tensor.Type : HalfOf(file[name].Type), target.Node.View);
            target.Node.Buffer!.Version++;
            if (target != tensor)
            {
                using var unrecorded = tensor.Engine.NoGradient();
                tensor.CopyFrom(target);
            }
        }
    }

    private static bool Fits(SafetensorsType type, DataType into) =>
        type == TypeOf(into) || (into == DataType.Float32 && type is SafetensorsType.BFloat16 or SafetensorsType.Float16);

    private static DataType HalfOf(SafetensorsType type) => type == SafetensorsType.BFloat16 ? DataType.BFloat16 : DataType.Float16;

    private static void Write(Stream stream, Tensor tensor, DataType type)
    {
        using var scope = tensor.Engine.Scope();
        using var unrecorded = tensor.Engine.NoGradient();
        var length = checked((int)(tensor.Count * type.Size()));
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            tensor.Engine.Backend.Download(tensor.Contiguous().Node.View, bytes.AsSpan(0, length), type);
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
