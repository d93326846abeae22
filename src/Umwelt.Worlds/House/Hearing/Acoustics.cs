// From a place in the house to the ears: sound spreads through rooms and doors and fades with the way it goes; a closed
// door lets little through and makes it dull, a wall even less. What comes through a door is heard from that door.
// Between the ears it differs in level and by less than a millisecond.
using System.Runtime.CompilerServices;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Hearing;

internal struct Acoustics
{
    // Samples to the middle of the head, so that the nearer ear is never before the sound itself.
    private const float Delay = 3;
    private const float EarDelay = 2.5f;
    private const float EarLevel = 0.62f;
    private const float Behind = 0.3f;
    private const float ThroughWall = 0.1f;

    private readonly HousePlan _plan;
    private readonly double _x;
    private readonly double _y;
    private readonly double _sine;
    private readonly double _cosine;
    private readonly int _room;
    private Ways _ways;

    /// <summary>The ways from a listener through the house's doors.</summary>
    public Acoustics(HousePlan plan, ref HouseState state)
    {
        _plan = plan;
        (_x, _y) = (state.X, state.Y);
        (_sine, _cosine) = Trigonometry.SinCos(state.Heading);
        _room = plan.Room(_x, _y);
        FindWays(ref state);
    }

    /// <summary>A sound of one's own, to the left or right.</summary>
    public static Placement Own(float side, float level) => Ears(level, side, 0);

    /// <summary>How a sound from a place is heard.</summary>
    public Placement Place(double x, double y, float level)
    {
        var room = _plan.Room(x, y);
        var straight = Distance(_x, _y, x, y);
        if (room == _room)
        {
            return Towards(x, y, level / (0.5f + (float)straight), 0);
        }

        var best = level * ThroughWall / (0.5f + (float)straight);
        var (fromX, fromY, dull) = (x, y, 1f);
        for (var i = 0; i < _plan.Doors.Length; i++)
        {
            ref readonly var door = ref _plan.Doors[i];
            if ((door.Low != room && door.High != room) || _ways[i].First < 0)
            {
                continue;
            }

            var length = _ways[i].Length + Distance(door.CentreX, door.CentreY, x, y);
            var gain = level * _ways[i].Passed / (0.5f + (float)length);
            if (gain > best)
            {
                best = gain;
                dull = 1 - _ways[i].Clear;

                // On the threshold itself one hears what is beyond from where it is.
                ref readonly var first = ref _plan.Doors[_ways[i].First];
                var share = Math.Clamp(1 - Distance(_x, _y, first.CentreX, first.CentreY), 0, 1);
                fromX = first.CentreX + ((x - first.CentreX) * share);
                fromY = first.CentreY + ((y - first.CentreY) * share);
            }
        }

        return Towards(fromX, fromY, best, dull);
    }

    private static double Distance(double x0, double y0, double x1, double y1) =>
        Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0)));

    private static Placement Ears(float gain, float side, float dull) => new()
    {
        Left = gain * (1 - (EarLevel * side)),
        Right = gain * (1 + (EarLevel * side)),
        LeftDelay = Delay + (EarDelay * side),
        RightDelay = Delay - (EarDelay * side),
        Dull = dull,
    };

    private readonly Placement Towards(double x, double y, float gain, float dull)
    {
        var dx = x - _x;
        var dy = y - _y;

        // Within reach of the head the direction fades out, so that walking past a sound turns it smoothly.
        var distance = Math.Max(0.4, Math.Sqrt((dx * dx) + (dy * dy)));
        var side = ((dy * _cosine) - (dx * _sine)) / distance;
        var ahead = ((dx * _cosine) + (dy * _sine)) / distance;
        var behind = Behind * 0.5f * (1 - (float)ahead);
        return Ears(gain, (float)side, Math.Min(1, dull + behind));
    }

    // Shortest ways from the listener to every door (Dijkstra's), where a closed door counts as a detour.
    private void FindWays(ref HouseState state)
    {
        var doors = _plan.Doors;
        for (var i = 0; i < doors.Length; i++)
        {
            _ways[i].First = -1;
            _ways[i].Cost = double.MaxValue;
            if (doors[i].Low == _room || doors[i].High == _room)
            {
                Reach(i, i, Distance(_x, _y, doors[i].CentreX, doors[i].CentreY), 1, 1, 0, state.Doors[i].Opening);
            }
        }

        for (var round = 0; round < doors.Length; round++)
        {
            var next = -1;
            for (var i = 0; i < doors.Length; i++)
            {
                if (!_ways[i].IsDone && _ways[i].First >= 0 && (next < 0 || _ways[i].Cost < _ways[next].Cost))
                {
                    next = i;
                }
            }

            if (next < 0)
            {
                return;
            }

            _ways[next].IsDone = true;
            for (var i = 0; i < doors.Length; i++)
            {
                if (!_ways[i].IsDone && Meets(doors[i], doors[next]))
                {
                    var step = Distance(doors[i].CentreX, doors[i].CentreY, doors[next].CentreX, doors[next].CentreY);
                    ref var way = ref _ways[next];
                    Reach(i, way.First, way.Length + step, way.Passed, way.Clear, way.Cost - way.Length, state.Doors[i].Opening);
                }
            }
        }
    }

    private static bool Meets(in Door a, in Door b) => a.Low == b.Low || a.Low == b.High || a.High == b.Low || a.High == b.High;

    private void Reach(int door, int first, double length, float passed, float clear, double detours, float opening)
    {
        var cost = length + detours + (6 * (1 - opening));
        if (cost < _ways[door].Cost)
        {
            _ways[door] = new Way
            {
                First = first,
                Length = length,
                Cost = cost,
                Passed = passed * (0.3f + (0.55f * opening)),
                Clear = clear * (0.2f + (0.68f * opening)),
            };
        }
    }

    private struct Way
    {
        public int First;
        public bool IsDone;
        public double Length;
        public double Cost;
        public float Passed;
        public float Clear;
    }

    [InlineArray(HousePlan.MostDoors)]
    private struct Ways
    {
        private Way _first;
    }
}
