// The laws of sound files: what is written is read, what others write is read, and every check has a file that breaks it.
using System.Buffers.Binary;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class WavTests : IDisposable
{
    private static readonly byte[] FloatIdentifier = [3, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sixteen_bit_sound_survives_unchanged()
    {
        var samples = Enumerable.Range(-32768, 65536).Select(value => value / 32768f).ToArray();
        Wav.Write(_folder["a.wav"], samples, 48_000, 2);
        var sound = Wav.Read(_folder["a.wav"]);
        Assert.Equal((48_000, 2), (sound.SampleRate, sound.Channels));
        Assert.Equal(samples, sound.Samples);
    }

    [Fact]
    public void Floats_survive_bit_for_bit_and_whole_numbers_are_clamped()
    {
        float[] samples = [0, -0f, 1, -1, 1.5f, -3e30f, float.Epsilon, 0.1f, 100];
        Wav.Write(_folder["f.wav"], samples, 16_000, 3, WavSample.Float32);
        Assert.Equal(samples, Wav.Read(_folder["f.wav"]).Samples);
        Wav.Write(_folder["i.wav"], samples, 16_000, 3);
        var clamped = Wav.Read(_folder["i.wav"]).Samples;
        Assert.Equal(32767 / 32768f, clamped[8]);
        Assert.Equal(-1f, clamped[5]);
    }

    [Fact]
    public void A_stream_of_parts_equals_the_whole()
    {
        var samples = Enumerable.Range(0, 10_000).Select(i => MathF.Sin(i * 0.01f)).ToArray();
        using (var writer = new WavWriter(_folder["parts.wav"], 8000, 2, WavSample.Float32))
        {
            for (var i = 0; i < samples.Length; i += 100)
            {
                writer.Write(samples.AsSpan(i, 100));
                Assert.False(File.Exists(_folder["parts.wav"]));
            }

            writer.Commit();
        }

        Wav.Write(_folder["whole.wav"], samples, 8000, 2, WavSample.Float32);
        Assert.Equal(File.ReadAllBytes(_folder["whole.wav"]), File.ReadAllBytes(_folder["parts.wav"]));
        using var reader = WavReader.Open(_folder["parts.wav"]);
        Assert.Equal(5000, reader.Frames);
        var part = new float[20];
        reader.Read(4990, part);
        Assert.Equal(samples[9980..], part);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(4991, part));
        Assert.Throws<ArgumentException>(() => reader.Read(0, new float[3]));
    }

    [Fact]
    public void An_unfinished_recording_leaves_nothing()
    {
        using (var writer = new WavWriter(_folder["a.wav"], 8000, 1))
        {
            writer.Write(new float[100_000]);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Every_stored_form_of_others_is_read()
    {
        Reads(Make(1, 8, [0, 128, 255, 64]), [-1, 0, 127 / 128f, -0.5f]);
        Reads(Make(1, 16, [0, 0x80, 0xFF, 0x7F]), [-1, 32767 / 32768f]);
        Reads(Make(1, 24, [0, 0, 0x80, 0xFF, 0xFF, 0x7F, 1, 0, 0]), [-1, 8388607 / 8388608f, 1 / 8388608f]);
        Reads(Make(1, 32, [0, 0, 0, 0x80, 0, 0, 0, 0x40]), [-1, 0.5f]);
        Reads(Make(3, 32, BitConverter.GetBytes(0.3f)), [0.3f]);
        Reads(Make(3, 64, BitConverter.GetBytes(0.3)), [(float)0.3]);
        Reads(Make(0xFFFE, 32, BitConverter.GetBytes(0.3f), extension: [22, 0, 32, 0, 4, 0, 0, 0, .. FloatIdentifier]), [0.3f]);
        Reads(Make(1, 16, [1, 0], extension: [0, 0]), [1 / 32768f]);
        Reads(Make(1, 16, []), []);
    }

    [Fact]
    public void Unknown_chunks_and_their_padding_are_passed_over()
    {
        var file = Make(1, 8, [0, 128, 255], before: [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0], after: [0, .. "junk"u8, 2, 0, 0, 0, 9, 9]);
        Reads(file, [-1, 0, 127 / 128f]);
        Reads([.. file, 1, 2, 3], [-1, 0, 127 / 128f]);
    }

    [Fact]
    public void Each_broken_file_is_refused_with_the_problem()
    {
        var good = Make(1, 16, [1, 0, 2, 0]);
        Refused([], "too few");
        Refused([.. "RF64"u8, .. good[4..]], "'RF64' file; only RIFF");
        Refused([.. "RIFX"u8, .. good[4..]], "'RIFX'");
        Refused([.. "OggS"u8, .. good[4..]], "not a WAV");
        Refused([.. good[..8], .. "AVI "u8, .. good[12..]], "not a WAV");
        Refused(good[..^1], "cut short or was never finished");
        Refused(With(good, 40, 5), "cut short: chunk 'data' claims 5 bytes, 4 are left");
        Refused(With(good, 40, uint.MaxValue), "claims 4294967295 bytes");
        Refused(With(good, 16, 14), "format chunk has 14 bytes");
        Refused(With(good, 40, 3), "not a whole number of frames");
        Refused(With(good, 24, 0), "at 0 frames a second");
        Refused(Make(1, 16, [1, 0], channels: 0), "0 channels");
        Refused(Make(1, 16, [1, 0], frameBytes: 3), "claims 3 bytes a frame");
        Refused(Make(1, 12, [1, 0]), "12 bits");
        Refused(Make(6, 8, [1, 0]), "A-law");
        Refused(Make(0x55, 16, [1, 0]), "MP3");
        Refused(Make(3, 16, [1, 0]), "floats of 16 bits");
        Refused(Make(3, 32, BitConverter.GetBytes(float.NaN)), "not a finite single");
        Refused(Make(3, 64, BitConverter.GetBytes(1e300)), "not a finite single");
        Refused(Make(0xFFFE, 16, [1, 0]), "extensible format chunk is too short");
        Refused(Make(0xFFFE, 16, [1, 0], extension: [22, 0, 17, 0, 4, 0, 0, 0, .. FloatIdentifier]), "17 valid bits");
        Refused(Make(0xFFFE, 16, [1, 0], extension: [22, 0, 16, 0, 4, 0, 0, 0, .. new byte[16]]), "unknown identifier");
        Refused([.. good[..12], .. good[36..]], "cut short or was");
        Refused(With([.. good[..12], .. good[36..]], 4, 16), "sound before its format");
        Refused(With(good[..36], 4, 28), "no sound chunk");
        Refused(With([.. good[..36], .. good[12..]], 4, (uint)good.Length + 16), "second format chunk");
    }

    [Fact]
    public void A_writer_refuses_what_a_file_cannot_say()
    {
        Assert.Throws<ArgumentException>(() => Wav.Write(_folder["a.wav"], [1, 2, 3], 8000, 2));
        Assert.Throws<ArgumentException>(() => Wav.Write(_folder["a.wav"], [float.NaN], 8000, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wav.Write(_folder["a.wav"], [], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Wav.Write(_folder["a.wav"], [], 8000, 1, WavSample.Pcm24));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static byte[] Make(
        int tag, int bits, byte[] data, int channels = 1, int? frameBytes = null, byte[]? extension = null, byte[]? before = null, byte[]? after = null)
    {
        var format = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), 8000);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)(frameBytes ?? channels * bits / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        format = [.. format, .. extension ?? []];
        byte[] body =
        [
            .. "WAVE"u8, .. before ?? [], .. "fmt "u8, .. BitConverter.GetBytes(format.Length), .. format,
            .. "data"u8, .. BitConverter.GetBytes(data.Length), .. data, .. after ?? [],
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length), .. body];
    }

    private static byte[] With(byte[] file, int offset, uint value)
    {
        var changed = file.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(offset), value);
        return changed;
    }

    private static void Reads(byte[] file, float[] samples) => Assert.Equal(samples, Wav.Read(new MemoryStream(file), "other.wav").Samples);

    private static void Refused(byte[] file, string problem)
    {
        var error = Assert.Throws<InvalidFileException>(() => Wav.Read(new MemoryStream(file), "broken.wav"));
        Assert.StartsWith("broken.wav: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
