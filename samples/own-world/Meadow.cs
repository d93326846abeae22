// A world of one's own: a firefly over a meadow, seen from above, that is told where to fly and stays inside the fence. A world
// says what its moments hold, writes the first moment of an episode, and then what follows from each command.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Samples.OwnWorld;

/// <summary>A firefly over a meadow, seen from above.</summary>
/// <param name="count">How many meadows are stepped at once.</param>
internal sealed class Meadow(int count) : World(s_schema, count)
{
    private const int Size = 16;
    private const int Fence = 2;
    private const int Speed = 2;
    private const int LongestFlight = 100;
    private const int Sight = 0;
    private const int Fly = 1;

    private static readonly Schema s_schema = new(
        rate: 10,
        new ImageChannel("sight", Size, Size),
        new CategoryChannel("fly", 5, ChannelRole.Motor) { Labels = ["stay", "left", "right", "up", "down"] });

    private readonly (int X, int Y, int Age)[] _fireflies = new (int, int, int)[count];

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = RandomStream.Of(seed);
        _fireflies[row] = (Fence + random.NextInt32(Size - (2 * Fence)), Fence + random.NextInt32(Size - (2 * Fence)), 0);
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                var (x, y) = moments.Category(Fly, row) switch { 1 => (-Speed, 0), 2 => (Speed, 0), 3 => (0, -Speed), 4 => (0, Speed), _ => (0, 0) };
                ref var firefly = ref _fireflies[row];
                firefly = (Inside(firefly.X + x), Inside(firefly.Y + y), firefly.Age + 1);
                moments.Endings[row] = firefly.Age == LongestFlight ? Ending.Truncation : Ending.None;
                Show(row, moments);
            }
        }
    }

    private static int Inside(int place) => Math.Clamp(place, Fence, Size - 1 - Fence);

    private void Show(int row, MomentBatch moments)
    {
        var picture = moments.Image(Sight, row);
        for (var i = 0; i < picture.Length; i += 3)
        {
            var (x, y) = (i / 3 % Size, i / 3 / Size);
            var away = Math.Max(Math.Abs(x - _fireflies[row].X), Math.Abs(y - _fireflies[row].Y));
            (picture[i], picture[i + 1], picture[i + 2]) = away <= 1 ? ((byte)255, (byte)220, (byte)90) : ((byte)20, (byte)(60 + (4 * y)), (byte)50);
        }

        moments.SetPresent(Sight, row);
    }
}
