// Between stored samples and floats. Whole numbers of b bits are divided by 2^(b-1), so 16-bit sound survives both ways unchanged;
// a float that is not finite is an error in both directions.
using System.Buffers.Binary;

namespace Umwelt.Storage.Internal;

internal static class WavSamples
{
    private const int BlockSamples = 4096;

    public static void Read(ByteSource source, long offset, Span<float> destination, WavSample sample)
    {
        var size = new WavFormat(1, 1, sample).SampleBytes;
        Span<byte> block = stackalloc byte[BlockSamples * size];
        while (destination.Length > 0)
        {
            var count = Math.Min(destination.Length, BlockSamples);
            var bytes = block[..(count * size)];
            source.Read(offset, bytes);
            Convert(bytes, destination[..count], sample);
            for (var i = 0; i < count; i++)
            {
                if (!float.IsFinite(destination[i]))
                {
                    throw new InvalidFileException(source.Name, "holds a sample that is not a finite single", offset + ((long)i * size));
                }
            }

            offset += bytes.Length;
            destination = destination[count..];
        }
    }

    public static void Write(Stream stream, ReadOnlySpan<float> samples, WavSample sample)
    {
        var size = new WavFormat(1, 1, sample).SampleBytes;
        Span<byte> block = stackalloc byte[BlockSamples * size];
        while (samples.Length > 0)
        {
            var part = samples[..Math.Min(samples.Length, BlockSamples)];
            for (var i = 0; i < part.Length; i++)
            {
                if (!float.IsFinite(part[i]))
                {
                    throw new ArgumentException($"Sample {i} is {part[i]}; sound is made of finite numbers.", nameof(samples));
                }

                if (sample == WavSample.Float32)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(block[(i * size)..], part[i]);
                }
                else
                {
                    var rounded = Math.Clamp(MathF.Round(part[i] * 32768f), short.MinValue, short.MaxValue);
                    BinaryPrimitives.WriteInt16LittleEndian(block[(i * size)..], (short)rounded);
                }
            }

            stream.Write(block[..(part.Length * size)]);
            samples = samples[part.Length..];
        }
    }

    private static void Convert(ReadOnlySpan<byte> bytes, Span<float> destination, WavSample sample)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = sample switch
            {
                WavSample.Pcm8 => (bytes[i] - 128) / 128f,
                WavSample.Pcm16 => BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32768f,
                WavSample.Pcm24 => ((bytes[3 * i] << 8) | (bytes[(3 * i) + 1] << 16) | (bytes[(3 * i) + 2] << 24)) / 2147483648f,
                WavSample.Pcm32 => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2147483648f,
                WavSample.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
            };
        }
    }
}
