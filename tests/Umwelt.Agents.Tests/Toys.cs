// Worlds whose best life is known by heart: a point that is to rest at the origin, and a corridor with a little at the near end
// and more at the far one.
using Umwelt.Moments;

namespace Umwelt.Agents.Tests;

/// <summary>A point on a plane that each command moves by up to a half; its squared distance from the origin is what it costs.</summary>
internal sealed class PointWorld(int count) : World(Outline, count), IForkable
{
    public const int Length = 12;
    private readonly (double X, double Y, int Moment)[] _states = new (double, double, int)[count];

    public static Schema Outline { get; } = new(
        10,
        new VectorChannel("place", 2),
        new VectorChannel("push", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1] },
        new VectorChannel("reward", 1, ChannelRole.Reward));

    /// <summary>The return of the best life from a place: straight home, as fast as it goes.</summary>
    public static double Best(double x, double y)
    {
        var sum = 0.0;
        for (var t = 0; t < Length; t++)
        {
            (x, y) = (x - Math.Clamp(x, -0.5, 0.5), y - Math.Clamp(y, -0.5, 0.5));
            sum -= (x * x) + (y * y);
        }

        return sum;
    }

    public World CreateRows(int count) => new PointWorld(count);

    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = GoOnAs<PointWorld>(source, sourceRows, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            _states[rows[i]] = from._states[sourceRows[i]];
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = Storage.RandomStream.Of(seed);
        _states[row] = ((4 * random.NextDouble()) - 2, (4 * random.NextDouble()) - 2, 0);
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                var push = moments.Vector(1, row);
                var (x, y, moment) = _states[row];
                _states[row] = (x + (0.5 * push[0]), y + (0.5 * push[1]), moment + 1);
                moments.Endings[row] = moment + 1 == Length ? Ending.Truncation : Ending.None;
                Show(row, moments);
                moments.Vector(2, row)[0] = -(float)((_states[row].X * _states[row].X) + (_states[row].Y * _states[row].Y));
                moments.SetPresent(2, row);
            }
        }
    }

    private void Show(int row, MomentBatch moments)
    {
        (moments.Vector(0, row)[0], moments.Vector(0, row)[1]) = ((float)_states[row].X, (float)_states[row].Y);
        moments.SetPresent(0, row);
    }
}

/// <summary>Cells in a row, left, stay or right: 1 at the near end and 5 at the far one, which is the best from the start.</summary>
internal sealed class CorridorWorld(int count) : World(Outline, count), IForkable
{
    public const int Start = 3;
    public const int Far = 8;
    private readonly int[] _places = new int[count];

    public static Schema Outline { get; } = new(
        10,
        new CategoryChannel("place", Far + 1),
        new CategoryChannel("step", 3, ChannelRole.Motor),
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new CategoryChannel("end", 2, ChannelRole.End));

    public World CreateRows(int count) => new CorridorWorld(count);

    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = GoOnAs<CorridorWorld>(source, sourceRows, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            _places[rows[i]] = from._places[sourceRows[i]];
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _places[row] = Start;
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                _places[row] = Math.Clamp(_places[row] + moments.Category(1, row) - 1, 0, Far);
                moments.Vector(2, row)[0] = _places[row] == 0 ? 1 : _places[row] == Far ? 5 : 0;
                moments.SetPresent(2, row);
                moments.Endings[row] = _places[row] is 0 or Far ? Ending.End : Ending.None;
                Show(row, moments);
            }
        }
    }

    private void Show(int row, MomentBatch moments)
    {
        moments.Category(0, row) = _places[row];
        moments.SetPresent(0, row);
    }
}

/// <summary>Lives of an occupant in a world.</summary>
internal static class Life
{
    /// <summary>Lives one episode in every row, as many moments at most.</summary>
    /// <param name="seeds">A row each.</param>
    /// <returns>For each row its moments but the first: what was done and followed.</returns>
    public static List<(double[] Command, double Reward)>[] Of(World world, Occupant occupant, ReadOnlySpan<long> seeds, int most)
    {
        var moments = new MomentBatch(world.Schema, world.Count);
        var commands = new MomentBatch(world.Schema.Motor, world.Count);
        var rows = new bool[world.Count];
        var lives = new List<(double[], double)>[world.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            world.Reset(row, seeds[row], moments);
            occupant.Reset(row, seeds[row]);
            rows[row] = moments.Endings[row] == Ending.None;
            lives[row] = [];
        }

        var reward = world.Schema.Rewards[0];
        for (var t = 0; t < most && rows.Contains(true); t++)
        {
            occupant.Act(moments, commands, rows);
            world.Step(commands, moments, rows);
            for (var row = 0; row < rows.Length; row++)
            {
                if (rows[row])
                {
                    lives[row].Add((Numbers(commands, row), moments.Vector(reward, row)[0]));
                    rows[row] = moments.Endings[row] == Ending.None;
                }
            }
        }

        return lives;
    }

    public static double[] Numbers(MomentBatch commands, int row) =>
    [
        .. Enumerable.Range(0, commands.Schema.Channels.Length).SelectMany(c => commands.Schema.Channels[c] is CategoryChannel
            ? (double[])[commands.Category(c, row)]
            : [.. commands.Vector(c, row).ToArray().Select(number => (double)number)]),
    ];
}
