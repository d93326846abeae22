// How an explorer moves its body: it turns and walks as a person would, never at once and never twice alike. Speed, side
// steps and glances aside wander; commands follow what is wanted with a little delay.
using Umwelt.Storage;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class ExplorerGait
{
    private RandomStream _random;
    private double _pace;
    private double _glance;
    private double _glanceTo;
    private int _glanceLeft;
    private double _forward;
    private double _strafe;
    private double _turn;
    private double _wantForward;
    private double _wantStrafe;
    private double _wantTurn;
    private bool _wantUse;
    private int _useRest;
    private int _backLeft;
    private double _backSide;

    /// <summary>Whether it meant to walk in the last moment.</summary>
    public bool IsWalking { get; private set; }

    public void Reset(long seed)
    {
        _random = RandomStream.Of(seed, 0x67616974);
        _pace = 0.9;
        (_glance, _glanceTo, _forward, _strafe, _turn, _backSide) = (0, 0, 0, 0, 0, 0);
        (_glanceLeft, _useRest, _backLeft) = (0, 0, 0);
        IsWalking = false;
    }

    /// <summary>Forgets what was wanted.</summary>
    public void Begin()
    {
        (_wantForward, _wantStrafe, _wantTurn) = (0, 0, 0);
        _wantUse = false;
        IsWalking = false;
    }

    /// <summary>Walks towards a place, at a share of the pace.</summary>
    public void Go(HousePlan plan, ref HouseState state, double x, double y, double share)
    {
        var direction = Around(plan, ref state, Trigonometry.Atan2(y - state.Y, x - state.X));
        var distance = Math.Sqrt(((x - state.X) * (x - state.X)) + ((y - state.Y) * (y - state.Y)));
        TurnTowards(ref state, direction + (distance > 0.6 ? _glance : 0));
        var off = Trigonometry.Wrap(direction - state.Heading);
        var (sine, cosine) = Trigonometry.SinCos(off);

        // One who looks elsewhere walks slower, and shortly before a place too.
        var speed = _pace * share * Math.Min(1, 0.25 + (distance * 2)) * Math.Max(0.35, Math.Min(1, 1.3 - Math.Abs(off * 0.6)));
        _wantForward = speed * cosine;
        _wantStrafe = speed * sine * (HouseSimulation.ForwardStep / HouseSimulation.StrafeStep);
        IsWalking = true;
    }

    /// <summary>Walks straight on, whatever is in the way.</summary>
    public void Blunder()
    {
        _wantForward = _pace;
        _wantTurn = _glance * 0.2;
    }

    /// <summary>Turns towards a place; true once it looks there.</summary>
    public bool Face(ref HouseState state, double x, double y)
    {
        var direction = Trigonometry.Atan2(y - state.Y, x - state.X);
        TurnTowards(ref state, direction);
        return Math.Abs(Trigonometry.Wrap(direction - state.Heading)) < 0.2;
    }

    /// <summary>Turns to one side for what is left of an angle; returns how far this moment turned.</summary>
    public double Turn(ref HouseState state, int side, double left)
    {
        _wantTurn = side * Math.Clamp(left / HouseSimulation.TurnStep * 0.5, 0.06, 0.55 + (0.45 * _pace));

        // What the last command did; this one follows it.
        return Math.Max(0, side * _turn * HouseSimulation.TurnStep);
    }

    /// <summary>Uses what is ahead, if nothing was used a moment ago.</summary>
    public void Use(ref HouseState state) => _wantUse = _useRest == 0 && !state.WasUsing;

    /// <summary>Steps back or aside for some moments, whatever is wanted.</summary>
    public void StepBack(int moments, bool isLeft)
    {
        _backLeft = moments;
        _backSide = isLeft ? -0.7 : 0.7;
    }

    /// <summary>The command that this moment's wish comes to.</summary>
    public ExplorerCommand End(ref HouseState state)
    {
        Wander();
        if (_backLeft > 0)
        {
            _backLeft--;
            (_wantForward, _wantStrafe) = (-0.6, _backSide);
        }

        _forward += (_wantForward - _forward) * 0.55;
        _strafe += (_wantStrafe - _strafe) * 0.55;
        _turn += (_wantTurn - _turn) * 0.6;
        var isStill = Math.Abs(_wantForward) + Math.Abs(_wantStrafe) + Math.Abs(_wantTurn) == 0;
        var tremble = isStill ? 0 : 0.03;
        if (isStill && Math.Abs(_forward) + Math.Abs(_strafe) + Math.Abs(_turn) < 0.05)
        {
            (_forward, _strafe, _turn) = (0, 0, 0);
        }

        var command = new ExplorerCommand(
            Limited(_forward + (tremble * _random.NextNormal())),
            Limited(_strafe + (tremble * _random.NextNormal())),
            Limited(_turn + (tremble * _random.NextNormal())),
            _wantUse);
        _useRest = _wantUse ? 14 : Math.Max(0, _useRest - 1);
        return command;

        static float Limited(double value) => (float)Math.Clamp(value, -1, 1);
    }

    // The direction nearest to the wanted one in which nothing is close; the wanted one if there is none.
    private static double Around(HousePlan plan, ref HouseState state, double direction)
    {
        for (var i = 0; i < 9; i++)
        {
            var turned = direction + ((i + 1) / 2 * ((i & 1) == 0 ? 0.35 : -0.35));
            var (sine, cosine) = Trigonometry.SinCos(turned);
            if (HousePhysics.Overlap(plan, ref state, state.X + (cosine * 0.26), state.Y + (sine * 0.26), HousePhysics.BodyRadius - 0.01) < 0.01)
            {
                return turned;
            }
        }

        return direction;
    }

    private void TurnTowards(ref HouseState state, double direction) =>
        _wantTurn = Math.Clamp(Trigonometry.Wrap(direction - state.Heading) / HouseSimulation.TurnStep * 0.42, -1, 1);

    // Pace drifts; now and then one glances aside while walking, sometimes far enough to walk sideways.
    private void Wander()
    {
        _pace = Math.Clamp(_pace + ((0.92 - _pace) * 0.03) + (0.04 * _random.NextNormal()), 0.45, 1);
        if (--_glanceLeft <= 0)
        {
            _glanceLeft = 15 + _random.NextInt32(40);
            var far = _random.NextSingle();
            _glanceTo = far < 0.45f ? 0 : (far < 0.85f ? 0.35 : 1.3) * _random.NextNormal();
            _glanceTo = Math.Clamp(_glanceTo, -1.5, 1.5);
        }

        _glance += (_glanceTo - _glance) * 0.12;
    }
}
