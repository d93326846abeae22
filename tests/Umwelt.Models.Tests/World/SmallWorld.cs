// A schema with every kind of channel, moments of it by chance, and a small model of it.
using System.Collections.Immutable;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Tests.World;

internal static class SmallWorld
{
    public static Schema Schema { get; } = new(
        10,
        new ImageChannel("sight", 18, 16),
        new SoundChannel("hearing", 20, 2),
        new TextChannel("speech"),
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new VectorChannel("motor", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1] },
        new CategoryChannel("button", 3, ChannelRole.Motor),
        new CategoryChannel("end", 2, ChannelRole.End));

    public static WorldModelOptions Options { get; } = new()
    {
        Width = 32,
        Heads = 2,
        Registers = 2,
        Backbone = "space, attention(on: others, window: 4), mlstm(on: registers)",
        Decoder = "space",
        PictureSlots = 4,
        PictureFeatures = [16],
        SoundHidden = 16,
        VectorHidden = 16,
        MostTokens = 4,
        PictureSteps = 3,
        PictureHardness = 2,
        VectorSteps = 2,
        SoundSteps = 2,
    };

    /// <summary>A model that has learnt nothing, but that worlds hardly ever end.</summary>
    public static WorldModel Model(Engine engine, WorldModelOptions? options = null, long seed = 1)
    {
        var model = new WorldModel(engine, Schema, options ?? Options, Scales(), seed: seed);
        model.Parameters.Parameters.First(parameter => parameter.Key == "channels.end.scores.bias").Value.Write<float>([50, -50]);
        return model;
    }

    /// <summary>Moments by chance, named by the seed; some channels are absent.</summary>
    public static MomentBatch Moments(int count, long seed, bool isWhole = false)
    {
        var batch = new MomentBatch(Schema, count);
        for (var row = 0; row < count; row++)
        {
            var stream = RandomStream.Of(seed, row);
            for (var c = 0; c < Schema.Channels.Length; c++)
            {
                if (isWhole || stream.NextInt32(5) > 0)
                {
                    Fill(batch, c, row, ref stream);
                }
            }
        }

        return batch;
    }

    public static MomentBatch Commands(int count, long seed)
    {
        var moments = Moments(count, seed, isWhole: true);
        var commands = new MomentBatch(Schema.Motor, count);
        for (var row = 0; row < count; row++)
        {
            commands.Copy(moments, Schema.IndexOf("motor"), row, 0, row);
            commands.Copy(moments, Schema.IndexOf("button"), row, 1, row);
        }

        return commands;
    }

    /// <summary>Everything of a row that can be compared.</summary>
    public static byte[] Bytes(MomentBatch batch, int row) =>
    [
        .. Enumerable.Range(0, Schema.Channels.Length).SelectMany(c => (byte[])
        [
            batch.IsPresent(c, row) ? (byte)1 : (byte)0,
            .. Schema.Channels[c] is TextChannel ? batch.Text(c, row) : batch.Bytes(c, row),
        ]),
    ];

    private static ImmutableArray<ChannelScale> Scales() =>
        [.. Schema.Channels.Select(channel => channel.Name == "hearing" ? new ChannelScale([0], [0.3f]) : ChannelScale.Unit(channel))];

    private static void Fill(MomentBatch batch, int channel, int row, ref RandomStream stream)
    {
        switch (Schema.Channels[channel])
        {
            case ImageChannel:
                foreach (ref var value in batch.Image(channel, row))
                {
                    value = (byte)stream.NextInt32(256);
                }

                break;
            case SoundChannel:
                foreach (ref var value in batch.Sound(channel, row))
                {
                    value = (short)(stream.NextInt32(20_000) - 10_000);
                }

                break;
            case VectorChannel:
                foreach (ref var value in batch.Vector(channel, row))
                {
                    value = (2 * stream.NextSingle()) - 1;
                }

                break;
            case CategoryChannel category:
                batch.Category(channel, row) = category.Role == ChannelRole.End ? 0 : stream.NextInt32(category.Count);
                break;
            default:
                batch.SetText(channel, row, stream.NextInt32(2) == 0 ? "" : "ab"[..(1 + stream.NextInt32(2))]);
                break;
        }

        batch.SetPresent(channel, row);
    }
}
