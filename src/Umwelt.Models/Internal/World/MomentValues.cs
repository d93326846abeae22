// Between moments as worlds and recordings hold them and numbers as a network sees them: pictures from -1 to 1, sound and vectors
// brought to size, categories and tokens as whole numbers. Buffers are used again and again.
using System.Runtime.InteropServices;
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

internal sealed class MomentValues(WorldModel model)
{
    private const float LargestNumber = 100;
    private readonly List<int> _tokens = [];
    private float[] _floats = [];
    private int[] _integers = [];
    private byte[] _bytes = [];

    /// <summary>A channel of neighbouring rows as numbers [count, ..]; whatever is absent is something.</summary>
    public Tensor Read(MomentBatch moments, int channel, int first, int count) => model.Schema.Channels[channel] switch
    {
        ImageChannel image => Picture(moments, image, channel, first, count),
        SoundChannel sound => Sound(moments, sound, channel, first, count),
        VectorChannel vector => Vector(moments, vector, channel, first, count),
        CategoryChannel category => Category(moments, category, channel, first, count),
        _ => Text(moments, (TextCodec)model.Codecs[channel], channel, first, count),
    };

    /// <summary>Writes numbers [rows, ..] into a channel of those rows of a batch that lack it, and marks it present there.</summary>
    public void Write(Tensor value, MomentBatch moments, int channel)
    {
        switch (model.Schema.Channels[channel])
        {
            case ImageChannel:
                WritePicture(value, moments, channel);
                break;
            case SoundChannel:
            case VectorChannel:
                WriteNumbers(value, moments, channel);
                break;
            case CategoryChannel:
                WriteCategory(value, moments, channel);
                break;
            default:
                WriteText(value, moments, channel);
                break;
        }
    }

    private Tensor Picture(MomentBatch moments, ImageChannel image, int channel, int first, int count)
    {
        using var scope = model.Engine.Scope();
        var bytes = moments.Bytes(channel).Slice(first * image.ByteCount, count * image.ByteCount);
        return scope.Keep(model.Engine.From<byte>(bytes, [count, image.Height, image.Width, image.Colours]).Cast(DataType.Float32).Affine(2 / 255f, -1));
    }

    private Tensor Sound(MomentBatch moments, SoundChannel sound, int channel, int first, int count)
    {
        var samples = MemoryMarshal.Cast<byte, short>(moments.Bytes(channel)).Slice(first * sound.ElementCount, count * sound.ElementCount);
        var floats = Floats(samples.Length);
        var scale = model.Scales[channel];
        var factor = 1 / (32768 * scale.Deviation[0]);
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = samples[i] * factor;
        }

        return model.Engine.From<float>(floats, [count, sound.ElementCount]);
    }

    private Tensor Vector(MomentBatch moments, VectorChannel vector, int channel, int first, int count)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(moments.Bytes(channel)).Slice(first * vector.Size, count * vector.Size);
        var floats = Floats(numbers.Length);
        var mean = model.Scales[channel].Mean.AsSpan();
        var deviation = model.Scales[channel].Deviation.AsSpan();
        for (var i = 0; i < floats.Length; i++)
        {
            // What a sensor gives now and then (no number, infinity) must not reach the network.
            var number = (numbers[i] - mean[i % vector.Size]) / deviation[i % vector.Size];
            floats[i] = float.IsFinite(number) ? Math.Clamp(number, -LargestNumber, LargestNumber) : 0;
        }

        return model.Engine.From<float>(floats, [count, vector.Size]);
    }

    private Tensor Category(MomentBatch moments, CategoryChannel category, int channel, int first, int count)
    {
        var integers = Integers(count);
        for (var i = 0; i < count; i++)
        {
            integers[i] = Math.Clamp(moments.Category(channel, first + i), 0, category.Count - 1);
        }

        return model.Engine.From<int>(integers, [count]);
    }

    private Tensor Text(MomentBatch moments, TextCodec codec, int channel, int first, int count)
    {
        var integers = Integers(count * codec.MostTokens);
        integers.Fill(codec.Padding);
        for (var i = 0; i < count; i++)
        {
            var row = integers.Slice(i * codec.MostTokens, codec.MostTokens);
            var text = moments.Text(channel, first + i);
            _tokens.Clear();
            if (!text.IsEmpty)
            {
                model.Tokenizer!.Encode(text, _tokens);
            }

            var length = Math.Min(_tokens.Count, row.Length);
            CollectionsMarshal.AsSpan(_tokens)[..length].CopyTo(row);
            if (length < row.Length)
            {
                row[length] = codec.End;
            }
        }

        return model.Engine.From<int>(integers, [count, codec.MostTokens]);
    }

    private void WritePicture(Tensor value, MomentBatch moments, int channel)
    {
        var rowBytes = moments.Schema.Channels[channel].ByteCount;
        var bytes = Room(ref _bytes, moments.Count * rowBytes);
        using (model.Engine.Scope())
        {
            value.Affine(127.5f, 128).Cast(DataType.UInt8).Read(bytes);
        }

        for (var row = 0; row < moments.Count; row++)
        {
            if (!moments.IsPresent(channel, row))
            {
                bytes.Slice(row * rowBytes, rowBytes).CopyTo(moments.Bytes(channel, row));
                moments.SetPresent(channel, row);
            }
        }
    }

    private void WriteNumbers(Tensor value, MomentBatch moments, int channel)
    {
        var size = moments.Schema.Channels[channel].ElementCount;
        var floats = Floats(moments.Count * size);
        value.Read(floats);
        for (var row = 0; row < moments.Count; row++)
        {
            if (moments.IsPresent(channel, row))
            {
                continue;
            }

            var numbers = floats.Slice(row * size, size);
            if (moments.Schema.Channels[channel] is VectorChannel vector)
            {
                WriteVector(numbers, vector, model.Scales[channel], moments.Vector(channel, row));
            }
            else
            {
                var factor = 32768 * model.Scales[channel].Deviation[0];
                var samples = moments.Sound(channel, row);
                for (var i = 0; i < size; i++)
                {
                    samples[i] = (short)Math.Clamp(MathF.Round(numbers[i] * factor), short.MinValue, short.MaxValue);
                }
            }

            moments.SetPresent(channel, row);
        }
    }

    private static void WriteVector(ReadOnlySpan<float> numbers, VectorChannel channel, ChannelScale scale, Span<float> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var number = (numbers[i] * scale.Deviation[i]) + scale.Mean[i];
            number = channel.Minimum.IsDefault ? number : MathF.Max(number, channel.Minimum[i]);
            number = channel.Maximum.IsDefault ? number : MathF.Min(number, channel.Maximum[i]);
            target[i] = number;
        }
    }

    private void WriteCategory(Tensor value, MomentBatch moments, int channel)
    {
        var integers = Integers(moments.Count);
        value.Read(integers);
        for (var row = 0; row < moments.Count; row++)
        {
            if (!moments.IsPresent(channel, row))
            {
                moments.Category(channel, row) = integers[row];
                moments.SetPresent(channel, row);
            }
        }
    }

    private void WriteText(Tensor value, MomentBatch moments, int channel)
    {
        var codec = (TextCodec)model.Codecs[channel];
        var integers = Integers(moments.Count * codec.MostTokens);
        value.Read(integers);
        for (var row = 0; row < moments.Count; row++)
        {
            if (moments.IsPresent(channel, row))
            {
                continue;
            }

            moments.SetText(channel, row, []);
            foreach (var token in integers.Slice(row * codec.MostTokens, codec.MostTokens))
            {
                if (token >= codec.Vocabulary)
                {
                    break;
                }

                moments.AppendText(channel, row, model.Tokenizer!.BytesOf(token));
            }
        }
    }

    private Span<float> Floats(int count) => Room(ref _floats, count);

    private Span<int> Integers(int count) => Room(ref _integers, count);

    private static Span<T> Room<T>(ref T[] buffer, int count)
    {
        if (buffer.Length < count)
        {
            buffer = new T[count];
        }

        return buffer.AsSpan(0, count);
    }
}
