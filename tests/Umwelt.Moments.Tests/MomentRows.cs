// Comparing moments bit for bit, and moments of random content.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests;

internal static class MomentRows
{
    public static Schema EveryKind { get; } = new(
        20,
        new ImageChannel("sight", 3, 5),
        new SoundChannel("hearing", 7, 2),
        new VectorChannel("motor", 3, ChannelRole.Motor),
        new CategoryChannel("use", 4, ChannelRole.Motor),
        new TextChannel("speech"),
        new TextChannel("note"),
        new VectorChannel("reward", 1, ChannelRole.Reward));

    public static void AssertEqual(MomentBatch expected, int expectedRow, MomentBatch actual, int row)
    {
        Assert.Equal(expected.Endings[expectedRow], actual.Endings[row]);
        for (var i = 0; i < expected.Schema.Channels.Length; i++)
        {
            Assert.Equal(expected.IsPresent(i, expectedRow), actual.IsPresent(i, row));
            Assert.Equal(expected.Bytes(i, expectedRow), actual.Bytes(i, row));
            if (expected.Schema.Channels[i].Kind == ChannelKind.Text)
            {
                Assert.Equal(expected.Text(i, expectedRow), actual.Text(i, row));
            }
        }
    }

    /// <summary>Fills a row with random values of <see cref="EveryKind"/>, some channels absent, vectors with any bits.</summary>
    public static void Fill(MomentBatch batch, int row, ref RandomStream random)
    {
        batch.Clear(row);
        for (var i = 0; i < batch.Schema.Channels.Length; i++)
        {
            if (random.NextInt32(4) == 0)
            {
                continue;
            }

            batch.SetPresent(i, row);
            switch (batch.Schema.Channels[i])
            {
                case CategoryChannel category:
                    batch.Category(i, row) = random.NextInt32(category.Count);
                    break;
                case TextChannel:
                    batch.SetText(i, row, random.NextInt32(2) == 0 ? "" : new string('ß', random.NextInt32(40)) + random.NextInt32(100));
                    break;
                default:
                    foreach (ref var value in batch.Bytes(i, row))
                    {
                        value = (byte)random.NextUInt32();
                    }

                    break;
            }
        }
    }
}
