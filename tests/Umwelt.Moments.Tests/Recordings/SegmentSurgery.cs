// Takes a segment apart and puts it together again with something changed, as a file that somebody else wrote might be.
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Tests.Recordings;

internal sealed class SegmentSurgery
{
    private SegmentSurgery()
    {
    }

    public Dictionary<string, (SafetensorsType Type, long[] Shape, byte[] Data)> Tensors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static void On(string path, Action<SegmentSurgery> change)
    {
        var surgery = new SegmentSurgery();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var (name, entry) in file.Tensors)
            {
                var data = new byte[entry.ByteLength];
                file.Read(name, data);
                surgery.Tensors[name] = (entry.Type, [.. entry.Shape], data);
            }

            foreach (var (key, value) in file.Metadata)
            {
                surgery.Metadata[key] = value;
            }
        }

        change(surgery);
        var writer = new SafetensorsWriter();
        foreach (var (name, (type, shape, data)) in surgery.Tensors)
        {
            writer.Add(name, type, shape, data);
        }

        foreach (var (key, value) in surgery.Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Write(path);
    }

    public Span<T> Values<T>(string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Tensors[name].Data.AsSpan());
}
