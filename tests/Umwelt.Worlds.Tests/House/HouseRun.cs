// A house with its moments and commands, for tests that walk through it step by step.
using Umwelt.Moments;

namespace Umwelt.Worlds.Tests.House;

internal sealed class HouseRun : IDisposable
{
    private readonly bool[] _rows;

    public HouseRun(long seed = 1, HouseOptions? options = null, int count = 1)
    {
        World = new HouseWorld(count, options ?? new HouseOptions { Size = 32 });
        Moments = new MomentBatch(World.Schema, count);
        Commands = new MomentBatch(World.Schema.Motor, count);
        _rows = [.. Enumerable.Repeat(true, count)];
        for (var row = 0; row < count; row++)
        {
            World.Reset(row, seed + row, Moments);
            Command(0, 0, 0, row: row);
        }
    }

    public HouseWorld World { get; }

    public MomentBatch Moments { get; }

    public MomentBatch Commands { get; }

    public HouseTruth Truth => World.Truth(0);

    public ReadOnlySpan<byte> Sight => Moments[0].Image("sight");

    public ReadOnlySpan<short> Hearing => Moments[0].Sound("hearing");

    public string Speech => Moments[0].Text("speech");

    public float Reward => Moments[0].Vector("reward")[0];

    public HouseTruth Step(float forward = 0, float strafe = 0, float turn = 0, bool use = false)
    {
        Command(forward, strafe, turn, use);
        World.Step(Commands, Moments, _rows);
        return World.Truth(0);
    }

    public void Act(Occupant occupant)
    {
        occupant.Act(Moments, Commands, _rows);
        World.Step(Commands, Moments, _rows);
    }

    public void Command(float forward, float strafe, float turn, bool use = false, int row = 0)
    {
        var motor = Commands.Vector(0, row);
        (motor[0], motor[1], motor[2]) = (forward, strafe, turn);
        Commands.SetPresent(0, row);
        Commands.Category(1, row) = use ? 1 : 0;
        Commands.SetPresent(1, row);
    }

    /// <summary>Puts the body where it can stand, facing a place.</summary>
    public void PlaceFacing(double x, double y, double towardsX, double towardsY) =>
        World.Place(0, new HousePose(x, y, Math.Atan2(towardsY - y, towardsX - x)));

    /// <summary>The mean square of the samples of one ear in this moment.</summary>
    public double Loudness(int ear)
    {
        var sum = 0.0;
        for (var i = ear; i < Hearing.Length; i += 2)
        {
            sum += (double)Hearing[i] * Hearing[i];
        }

        return sum / (Hearing.Length / 2);
    }

    /// <summary>A number that stands for all of a row's moment.</summary>
    public ulong Hash(int row = 0)
    {
        // FNV-1a.
        var hash = 14695981039346656037;
        for (var i = 0; i < World.Schema.Channels.Length; i++)
        {
            foreach (var value in World.Schema.Channels[i].Kind == ChannelKind.Text ? Moments.Text(i, row) : Moments.Bytes(i, row))
            {
                hash = (hash ^ value) * 1099511628211;
            }
        }

        return hash;
    }

    public void Dispose() => World.Dispose();
}
