// Curves as TensorBoard reads them: a file of records, each with its length and two check sums, holding one event in the wire
// format of protocol buffers. The few fields there are get written by hand. What was flushed survives a kill; TensorBoard
// skips a record that a kill cut short.
using System.Buffers.Binary;
using System.Text;
using Umwelt.Learning.Internal;

namespace Umwelt.Learning;

/// <summary>Appends figures to a TensorBoard event file.</summary>
public sealed class EventFile : IDisposable
{
    // Field numbers of tensorflow's Event, Summary and Summary.Value.
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int Value = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private readonly MemoryStream _event = new();
    private readonly MemoryStream _summary = new();
    private readonly MemoryStream _value = new();

    /// <summary>Begins a new file in a folder, beside those of earlier runs, which TensorBoard joins to one curve.</summary>
    /// <param name="folder">Made if it does not exist.</param>
    /// <param name="time">What the time is; the system's clock unless given.</param>
    public EventFile(string folder, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        var seconds = _time.GetUtcNow().ToUnixTimeSeconds();
        for (var number = 0; ; number++)
        {
            Path = System.IO.Path.Combine(folder, $"events.out.tfevents.{seconds:D10}.umwelt.{Environment.ProcessId}.{number}");
            try
            {
                _stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
                break;
            }
            catch (IOException) when (File.Exists(Path))
            {
                // Two files of one second in one process: the next number is free.
            }
        }

        Begin();
        WriteKey(_event, FileVersion, Bytes);
        WriteBytes(_event, "brain.Event:2"u8);
        End();
        Flush();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Adds one point to each of some curves.</summary>
    public void Write(long step, params IEnumerable<KeyValuePair<string, double>> figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        _summary.SetLength(0);
        Span<byte> number = stackalloc byte[sizeof(float)];
        foreach (var (tag, figure) in figures)
        {
            _value.SetLength(0);
            WriteKey(_value, Tag, Bytes);
            WriteBytes(_value, Encoding.UTF8.GetBytes(tag));
            WriteKey(_value, SimpleValue, Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(number, (float)figure);
            _value.Write(number);
            WriteKey(_summary, Value, Bytes);
            WriteBytes(_summary, _value.GetBuffer().AsSpan(0, (int)_value.Length));
        }

        Begin();
        WriteKey(_event, Step, Varint);
        WriteVarint(_event, (ulong)step);
        WriteKey(_event, Summary, Bytes);
        WriteBytes(_event, _summary.GetBuffer().AsSpan(0, (int)_summary.Length));
        End();
    }

    /// <summary>Hands everything written so far to the system.</summary>
    public void Flush() => _stream.Flush();

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static void WriteKey(Stream stream, int field, int type) => WriteVarint(stream, ((ulong)field << 3) | (uint)type);

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }

    private static void WriteBytes(Stream stream, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private void Begin()
    {
        _event.SetLength(0);
        WriteKey(_event, WallTime, Fixed64);
        Span<byte> seconds = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(seconds, _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _event.Write(seconds);
    }

    // A record: length, its check sum, the event, its check sum.
    private void End()
    {
        var bytes = _event.GetBuffer().AsSpan(0, (int)_event.Length);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        Span<byte> sum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
        _stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Crc32C.Masked(length));
        _stream.Write(sum);
        _stream.Write(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Crc32C.Masked(bytes));
        _stream.Write(sum);
    }
}
