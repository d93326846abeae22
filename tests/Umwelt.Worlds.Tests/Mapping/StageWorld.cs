// A world whose every value is known, for what a mapping does to it: a picture with a frame, two numbers, a gear, a sound, words, a
// reward, and two motors that show in what follows. Moment t of an episode (from 0) is easily said.
using Umwelt.Moments;

namespace Umwelt.Worlds.Tests.Mapping;

internal sealed class StageWorld(int count, int length = 1000) : World(s_schema, count)
{
    public const int Width = 20;
    public const int Height = 12;
    public const int Frame = 2;
    public const int Samples = 8;

    private static readonly Schema s_schema = new(
        60,
        new ImageChannel("sight", Height, Width),
        new VectorChannel("place", 2) { Names = ["x", "y"] },
        new VectorChannel("gear", 1),
        new SoundChannel("hearing", Samples, 2),
        new TextChannel("speech"),
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new VectorChannel("push", 2, ChannelRole.Motor) { Minimum = [-2, -2], Maximum = [2, 2] },
        new CategoryChannel("press", 3, ChannelRole.Motor) { Labels = ["none", "one", "two"] },
        new CategoryChannel("end", 2, ChannelRole.End));

    private readonly int[] _moments = new int[count];

    public override IReadOnlyList<string> Occupants => ["pusher", .. base.Occupants];

    /// <summary>A pixel of moment t: within the frame it changes, and is grey.</summary>
    public static byte Pixel(int t, int x, int y) =>
        x < Frame || y < Frame || x >= Width - Frame || y >= Height - Frame ? (byte)7 : (byte)((x * 5) + (y * 11) + (t * 40));

    /// <summary>A sample of moment t in an ear.</summary>
    public static short Sample(int t, int i, int ear) => (short)((t * 1000) + (i * 10) + (ear * 4));

    public override Occupant CreateOccupant(string name) => name == "pusher" ? new Pusher() : base.CreateOccupant(name);

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _moments[row] = 0;
        Show(row, moments, 0, 0);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                var push = moments.Vector(Schema.IndexOf("push"), row);
                _moments[row]++;
                Show(row, moments, push[0], push[1]);
                moments.Endings[row] = _moments[row] == length ? Ending.End : Ending.None;
            }
        }
    }

    private void Show(int row, MomentBatch moments, float x, float y)
    {
        var t = _moments[row];
        var picture = moments.Image(0, row);
        for (var i = 0; i < picture.Length; i++)
        {
            picture[i] = Pixel(t, i / 3 % Width, i / 3 / Width);
        }

        (moments.Vector(1, row)[0], moments.Vector(1, row)[1]) = (x, (100 * y) + t);
        moments.Vector(2, row)[0] = t % 4;
        var sound = moments.Sound(3, row);
        for (var i = 0; i < sound.Length; i++)
        {
            sound[i] = Sample(t, i / 2, i % 2);
        }

        moments.SetText(4, row, $"{t};");
        moments.Vector(5, row)[0] = t;
        for (var i = 0; i <= 5; i++)
        {
            moments.SetPresent(i, row);
        }
    }

    private sealed class Pusher : Occupant
    {
        public override void Reset(int row, long seed)
        {
        }

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
        {
            (commands.Vector(0, 0)[0], commands.Vector(0, 0)[1], commands.Category(1, 0)) = (0.9f, -0.2f, 2);
            commands.SetPresent(0, 0);
            commands.SetPresent(1, 0);
        }
    }
}
