// A world whose moments are drawn anew each time, whatever came before: what a model says of its next moment can be held against
// the law they are drawn from. Episodes go on until the recorder ends them.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Dreams;

/// <summary>A world without memory.</summary>
internal abstract class DrawnWorld(Schema schema, int count) : World(schema, count)
{
    private readonly RandomStream[] _streams = new RandomStream[count];

    /// <summary>Writes the senses of a moment; its command, if there is one, stands in it.</summary>
    protected abstract void Draw(int row, MomentBatch moments, ref RandomStream stream);

    protected sealed override void Begin(int row, long seed, MomentBatch moments)
    {
        _streams[row] = RandomStream.Of(seed, 0x6472617773);
        Draw(row, moments, ref _streams[row]);
    }

    protected sealed override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                Draw(row, moments, ref _streams[row]);
            }
        }
    }
}

/// <summary>One number, which is 1 or -1 with equal chance.</summary>
internal sealed class CoinWorld(int count) : DrawnWorld(new Schema(1, new VectorChannel("coin", 1)), count)
{
    protected override void Draw(int row, MomentBatch moments, ref RandomStream stream)
    {
        moments.Vector(0, row)[0] = stream.NextInt32(2) == 0 ? -1 : 1;
        moments.SetPresent(0, row);
    }
}

/// <summary>A command of three, a number of three and a word of two, which hang together by a law. Each kind of channel is one of the three.</summary>
internal sealed class LawWorld(int count) : DrawnWorld(
    new Schema(1, new CategoryChannel("hand", Hands, ChannelRole.Motor), new VectorChannel("tone", 1), new TextChannel("word")), count)
{
    public const int Hands = 3;
    public const int Tones = 3;
    public const int Words = 2;
    public const int Hand = 0;
    public const int Tone = 1;
    public const int Word = 2;

    // The chance of a tone and a word after each hand; a random occupant moves each hand equally often.
    private static readonly double[,,] Chances =
    {
        { { 0.36, 0.06 }, { 0.09, 0.15 }, { 0.04, 0.30 } },
        { { 0.06, 0.10 }, { 0.48, 0.03 }, { 0.13, 0.20 } },
        { { 0.03, 0.17 }, { 0.05, 0.25 }, { 0.44, 0.06 } },
    };

    /// <summary>The chance of all three together.</summary>
    public static double Chance(int hand, int tone, int word) => Chances[hand, tone, word] / Hands;

    /// <summary>What a moment holds: hand, tone and word; a tone is the nearest of the three there are.</summary>
    public static (int Hand, int Tone, int Word) Read(MomentBatch moments, int row) => (
        moments.Category(Hand, row),
        Math.Clamp((int)MathF.Round(moments.Vector(Tone, row)[0]) + 1, 0, Tones - 1),
        moments.Text(Word, row).SequenceEqual("b"u8) ? 1 : 0);

    protected override void Draw(int row, MomentBatch moments, ref RandomStream stream)
    {
        // The first moment of an episode follows no command.
        var hand = moments.IsPresent(Hand, row) ? moments.Category(Hand, row) : stream.NextInt32(Hands);
        var (lot, tone, word) = (stream.NextDouble(), 0, 0);
        for (var i = 0; i < Tones * Words && lot >= 0; i++)
        {
            (tone, word) = Math.DivRem(i, Words);
            lot -= Chances[hand, tone, word];
        }

        moments.Vector(Tone, row)[0] = tone - 1;
        moments.SetPresent(Tone, row);
        moments.SetText(Word, row, word == 0 ? "a" : "b");
        moments.SetPresent(Word, row);
    }
}
