// A mass on a line that is pushed: the system whose best commands are known in closed form. Costs are squares of where it is, how
// fast it is and how hard it is pushed.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Acting;

internal sealed class LinearSystem(int count) : World(Outline, count), IForkable
{
    public const int Length = 40;
    private const double Tick = 0.1;
    private const double PlaceCost = 1;
    private const double SpeedCost = 0.1;
    private const double PushCost = 0.02;
    private const float LargestPush = 10;

    private static readonly Schema Outline = new(
        1 / Tick,
        new VectorChannel("mass", 2) { Names = ["place", "speed"] },
        new VectorChannel("push", 1, ChannelRole.Motor) { Minimum = [-LargestPush], Maximum = [LargestPush] },
        new VectorChannel("reward", 1, ChannelRole.Reward));

    private readonly State[] _states = new State[count];

    /// <summary>What the best life costs from where a row is: Riccati's equation, backwards from the end.</summary>
    public double Best(int row)
    {
        // The cost to come from (p, v) is a p² + 2 b p v + c v².
        double a = 0, b = 0, c = 0;
        for (var t = 0; t < Length; t++)
        {
            // The place and speed that follow are paid for, then what comes after them: (p + s v + s²/2 u, v + s u).
            var (q, r, s) = (a + PlaceCost, c + SpeedCost, Tick);
            var half = s * s / 2;
            var ofPush = PushCost + (q * half * half) + (2 * b * half * s) + (r * s * s);
            var placePush = (q * half) + (b * s);
            var speedPush = (q * s * half) + (b * ((s * s) + half)) + (r * s);
            (a, b, c) = (
                q - (placePush * placePush / ofPush),
                (q * s) + b - (placePush * speedPush / ofPush),
                (q * s * s) + (2 * b * s) + r - (speedPush * speedPush / ofPush));
        }

        var (place, speed) = (_states[row].Place, _states[row].Speed);
        return (a * place * place) + (2 * b * place * speed) + (c * speed * speed);
    }

    public World CreateRows(int count) => new LinearSystem(count);

    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = GoOnAs<LinearSystem>(source, sourceRows, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            _states[rows[i]] = from._states[sourceRows[i]];
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = RandomStream.Of(seed, 0x6c696e);
        _states[row] = new State((2 * random.NextDouble()) - 1, (2 * random.NextDouble()) - 1, 0);
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var (place, speed, moment) = _states[row];
            var push = (double)moments.Vector(1, row)[0];
            (place, speed) = (place + (Tick * speed) + (Tick * Tick / 2 * push), speed + (Tick * push));
            _states[row] = new State(place, speed, moment + 1);
            moments.Vector(2, row)[0] = -(float)((PlaceCost * place * place) + (SpeedCost * speed * speed) + (PushCost * push * push));
            moments.SetPresent(2, row);
            moments.Endings[row] = moment + 1 == Length ? Ending.Truncation : Ending.None;
            Show(row, moments);
        }
    }

    private void Show(int row, MomentBatch moments)
    {
        var mass = moments.Vector(0, row);
        (mass[0], mass[1]) = ((float)_states[row].Place, (float)_states[row].Speed);
        moments.SetPresent(0, row);
    }

    private readonly record struct State(double Place, double Speed, int Moment);
}
