// The chunks of a WAV file: finds and checks the format and the place of the samples, and writes the simple form with two chunks.
// Unknown chunks are passed over; every length is compared with what is left of the file.
using System.Buffers.Binary;

namespace Umwelt.Storage.Internal;

internal readonly record struct WavHead(WavFormat Format, long DataStart, long DataLength)
{
    public const int WrittenLength = 44;
    public const long LongestData = uint.MaxValue - WrittenLength;
    private const int Pcm = 1;
    private const int Float = 3;
    private const int Extensible = 0xFFFE;

    public static WavHead Read(ByteSource source)
    {
        var end = ReadRiff(source);
        WavFormat? format = null;
        Span<byte> frame = stackalloc byte[8];
        for (var at = 12L; ;)
        {
            if (end - at < 8)
            {
                throw new InvalidFileException(source.Name, $"holds no {(format is null ? "format chunk ('fmt ')" : "sound chunk ('data')")}", at);
            }

            source.Read(at, frame);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
            var start = at + 8;
            if (length > end - start)
            {
                throw new InvalidFileException(
                    source.Name, $"is cut short: chunk {Quoted.Of(frame[..4])} claims {length} bytes, {end - start} are left", at);
            }

            if (frame.StartsWith("fmt "u8))
            {
                format = format is null ? ReadFormat(source, start, length)
                    : throw new InvalidFileException(source.Name, "has a second format chunk ('fmt ')", at);
            }
            else if (frame.StartsWith("data"u8))
            {
                var known = format ?? throw new InvalidFileException(source.Name, "has its sound before its format", at);
                return length % known.FrameBytes == 0
                    ? new WavHead(known, start, length)
                    : throw new InvalidFileException(source.Name, $"its sound of {length} bytes is not a whole number of frames of {known.FrameBytes}", at);
            }

            at = start + length + (length & 1);
        }
    }

    public static void Write(Span<byte> destination, WavFormat format, long dataLength)
    {
        if (dataLength > LongestData)
        {
            throw new ArgumentOutOfRangeException(nameof(dataLength), $"A WAV file holds at most {LongestData} bytes of sound.");
        }

        "RIFF\0\0\0\0WAVEfmt "u8.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)(dataLength + WrittenLength - 8));
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(destination[20..], format.Sample == WavSample.Float32 ? (short)Float : (short)Pcm);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[22..], (ushort)format.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], format.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], (uint)Math.Min((long)format.SampleRate * format.FrameBytes, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[32..], (ushort)format.FrameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[34..], (ushort)(format.SampleBytes * 8));
        "data"u8.CopyTo(destination[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[40..], (uint)dataLength);
    }

    public static WavFormat CheckedForWriting(int sampleRate, int channels, WavSample sample)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, ushort.MaxValue / 4);
        return sample is WavSample.Pcm16 or WavSample.Float32
            ? new WavFormat(sampleRate, channels, sample)
            : throw new ArgumentOutOfRangeException(nameof(sample), $"Sound is written as {WavSample.Pcm16} or {WavSample.Float32}, not {sample}.");
    }

    public static void ExpectWholeFrames(int samples, WavFormat format)
    {
        if (samples % format.Channels != 0)
        {
            throw new ArgumentException($"{samples} samples are not whole frames of {format.Channels} channels.", nameof(samples));
        }
    }

    private static long ReadRiff(ByteSource source)
    {
        Span<byte> head = stackalloc byte[12];
        if (source.Length < head.Length)
        {
            throw new InvalidFileException(source.Name, $"has {source.Length} bytes, too few for a WAV file", 0);
        }

        source.Read(0, head);
        if (head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8) || head.StartsWith("RIFX"u8))
        {
            throw new InvalidFileException(source.Name, $"is a {Quoted.Of(head[..4])} file; only RIFF is read (at most 4 GiB, little-endian)", 0);
        }

        if (!head.StartsWith("RIFF"u8) || !head[8..].SequenceEqual("WAVE"u8))
        {
            throw new InvalidFileException(source.Name, "is not a WAV file: it does not begin with RIFF and WAVE", 0);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return length <= source.Length - 8
            ? 8L + length
            : throw new InvalidFileException(
                source.Name, $"is cut short or was never finished: it claims {length} bytes, {source.Length - 8} follow", 4);
    }

    private static WavFormat ReadFormat(ByteSource source, long start, uint length)
    {
        Span<byte> chunk = stackalloc byte[40];
        if (length < 16)
        {
            throw new InvalidFileException(source.Name, $"its format chunk has {length} bytes, too few", start);
        }

        chunk = chunk[..(int)Math.Min(length, 40)];
        source.Read(start, chunk);
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == Extensible)
        {
            tag = ReadExtension(source, start, chunk, bits);
        }

        if (channels == 0 || rate is 0 or > int.MaxValue)
        {
            throw new InvalidFileException(source.Name, $"claims {channels} channels at {rate} frames a second", start);
        }

        var sample = (tag, bits) switch
        {
            (Pcm, 8) => WavSample.Pcm8,
            (Pcm, 16) => WavSample.Pcm16,
            (Pcm, 24) => WavSample.Pcm24,
            (Pcm, 32) => WavSample.Pcm32,
            (Float, 32) => WavSample.Float32,
            (Float, 64) => WavSample.Float64,
            _ => throw new InvalidFileException(
                source.Name, $"stores sound as {NameOf(tag)} of {bits} bits; whole numbers of 8, 16, 24, 32 and floats of 32, 64 bits are read", start),
        };
        var format = new WavFormat((int)rate, channels, sample);
        return format.FrameBytes == frameBytes
            ? format
            : throw new InvalidFileException(
                source.Name, $"claims {frameBytes} bytes a frame, but {channels} channels of {bits} bits have {format.FrameBytes}", start + 12);
    }

    private static int ReadExtension(ByteSource source, long start, ReadOnlySpan<byte> chunk, int bits)
    {
        // The form's number, then the rest of the identifier that all forms with a number share.
        ReadOnlySpan<byte> family = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
        if (chunk.Length < 40 || BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) < 22)
        {
            throw new InvalidFileException(source.Name, "its extensible format chunk is too short", start);
        }

        int valid = BinaryPrimitives.ReadUInt16LittleEndian(chunk[18..]);
        if (valid > bits)
        {
            throw new InvalidFileException(source.Name, $"claims {valid} valid bits in samples of {bits}", start + 18);
        }

        return chunk.Slice(26, 14).SequenceEqual(family)
            ? BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..])
            : throw new InvalidFileException(source.Name, "stores sound in a form known only by an unknown identifier", start + 24);
    }

    private static string NameOf(int tag) => tag switch
    {
        Pcm => "whole numbers",
        Float => "floats",
        2 => "Microsoft ADPCM",
        6 => "A-law",
        7 => "mu-law",
        0x11 => "IMA ADPCM",
        0x50 => "MPEG",
        0x55 => "MP3",
        Extensible => "an extension of an extension",
        _ => $"form {tag}",
    };
}
