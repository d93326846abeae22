// Reads a safetensors file: the header is checked whole on opening, tensors are copied out on request.
// Reads go by offset with exact lengths and may run on several threads; a file cut short meanwhile is a clear error, never a crash.
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>An open safetensors file.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly ByteSource _source;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(ByteSource source)
    {
        _source = source;
        Span<byte> prefix = stackalloc byte[8];
        if (source.Length < 8)
        {
            throw new InvalidFileException(source.Name, $"has {source.Length} bytes, too few for a safetensors file", 0);
        }

        source.Read(0, prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.LongestHeader)
        {
            throw new InvalidFileException(
                source.Name, $"its header claims {length} bytes; the format allows {SafetensorsHeader.LongestHeader} (is it a safetensors file?)", 0);
        }

        _dataStart = 8 + (long)length;
        if (_dataStart > source.Length)
        {
            throw new InvalidFileException(
                source.Name, $"its header claims {length} bytes but only {source.Length - 8} follow: the file is cut short", 0);
        }

        _header = ReadHeader(source, (int)length);
    }

    /// <summary>The file, or the name given to the stream.</summary>
    public string Path => _source.Name;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors => _header.Tensors;

    /// <summary>The pairs of <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>What the file says of one tensor; a name it lacks is an <see cref="InvalidFileException"/>.</summary>
    public SafetensorsEntry this[string name] => _header.Tensors.TryGetValue(name, out var entry)
        ? entry
        : throw new InvalidFileException(Path, $"holds no tensor {Quoted.Of(name)}");

    /// <summary>Opens a file and checks its header.</summary>
    public static SafetensorsFile Open(string path) => Open(ByteSource.OfFile(path));

    /// <summary>Opens a seekable stream, which belongs to the result unless <paramref name="leaveOpen"/>; <paramref name="name"/> is used in errors.</summary>
    public static SafetensorsFile Open(Stream stream, string name, bool leaveOpen = false) => Open(ByteSource.OfStream(stream, name, leaveOpen));

    /// <summary>Copies a whole tensor; the destination must have exactly its length.</summary>
    public void Read(string name, Span<byte> destination)
    {
        var entry = this[name];
        if (destination.Length != entry.ByteLength)
        {
            throw new ArgumentException(
                $"Tensor {Quoted.Of(name)} has {entry.ByteLength} bytes, the destination {destination.Length}.", nameof(destination));
        }

        _source.Read(_dataStart + entry.Begin, destination);
    }

    /// <summary>Copies a part of a tensor, from this byte of it on, until the destination is full.</summary>
    public void Read(string name, long start, Span<byte> destination)
    {
        var entry = this[name];
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (start > entry.ByteLength || destination.Length > entry.ByteLength - start)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), $"Bytes {start} to {start + destination.Length} lie outside tensor {Quoted.Of(name)} of {entry.ByteLength} bytes.");
        }

        _source.Read(_dataStart + entry.Begin + start, destination);
    }

    /// <summary>Copies a whole tensor of any length to native memory, which must hold <see cref="SafetensorsEntry.ByteLength"/> bytes.</summary>
    public unsafe void Read(string name, byte* destination)
    {
        const int Step = 1 << 30;
        var length = this[name].ByteLength;
        for (var at = 0L; at < length; at += Step)
        {
            Read(name, at, new Span<byte>(destination + at, (int)Math.Min(Step, length - at)));
        }
    }

    /// <summary>Copies a whole tensor into a pooled buffer, which belongs to the caller and returns to the pool when disposed.</summary>
    public IMemoryOwner<byte> Rent(string name)
    {
        var entry = this[name];
        if (entry.ByteLength > Array.MaxLength)
        {
            throw new ArgumentException($"Tensor {Quoted.Of(name)} has {entry.ByteLength} bytes, too many for one buffer; read it in parts.", nameof(name));
        }

        var buffer = new PooledBytes((int)entry.ByteLength);
        try
        {
            Read(name, buffer.Memory.Span);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private static SafetensorsFile Open(ByteSource source)
    {
        try
        {
            return new SafetensorsFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static unsafe SafetensorsHeader ReadHeader(ByteSource source, int length)
    {
        // Native, because a header of 100 MB should neither stay in a pool nor burden the collector.
        var text = (byte*)NativeMemory.Alloc((nuint)Math.Max(length, 1));
        try
        {
            var span = new Span<byte>(text, length);
            source.Read(8, span);
            return SafetensorsHeader.Parse(span, source.Name, source.Length - 8 - length);
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }
}
