// What one explorer wants: a row of steps at a time, chosen by chance among behaviours. Which way it takes is left to its
// way, how it moves its body to its gait. Everything it does follows from its seed and what it was shown.
using Umwelt.Storage;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class ExplorerMind
{
    private const int MostSteps = 16;
    private const int Patience = 420;
    // Whoever walks opens doors; that half of them are left closed takes more than every second one.
    private const float CloseBehindShare = 0.6f;

    // Even who sees well runs into something now and then.
    private const float BlunderShare = 0.3f;

    // Moments after which a room is missed.
    private const int LongUnseen = 1200;

    // Moments after which hardly anything else counts while a room has never been seen.
    private const int LongWait = 500;

    private const double ArmLength = 0.95;

    private readonly ExplorerStep[] _steps = new ExplorerStep[MostSteps];
    private readonly int[] _seen = new int[HousePlan.MostRooms];
    private readonly ExplorerGait _gait = new();
    private readonly ExplorerWay _way;
    private RandomStream _random;
    private int _first;
    private int _count;
    private int _moments;
    private int _spent;
    private double _turnTo;
    private int _turnSide;
    private int _still;
    private double _lastX;
    private double _lastY;

    public ExplorerMind() => _way = new ExplorerWay(_gait);

    /// <summary>The step under way.</summary>
    public ExplorerStep Doing => _count == 0 ? default : _steps[_first];

    public void Reset(long seed)
    {
        _random = RandomStream.Of(seed, 0x6578706c);
        _gait.Reset(seed);
        _way.Behind = -1;
        Array.Fill(_seen, -LongUnseen);
        (_first, _count, _moments, _spent, _still) = (0, 0, 0, 0, 0);
    }

    public ExplorerCommand Act(HousePlan plan, ref HouseState state)
    {
        _moments++;
        _seen[state.Room] = _moments;
        _gait.Begin();
        NoteDoorBehind(plan, ref state);
        for (var i = 0; i < 4; i++)
        {
            if (_count == 0)
            {
                Choose(plan, ref state);
                _spent = 0;
            }

            if (_spent++ < Patience && !IsDone(plan, ref state, _steps[_first]))
            {
                break;
            }

            _spent = 0;
            _first++;
            _count--;
        }

        Unstick(ref state);
        return _gait.End(ref state);
    }

    // One who wants to walk and does not get on gives up what it was about and goes elsewhere.
    private void Unstick(ref HouseState state)
    {
        var moved = Math.Abs(state.X - _lastX) + Math.Abs(state.Y - _lastY);
        (_lastX, _lastY) = (state.X, state.Y);
        _still = _gait.IsWalking && moved < 0.012 ? _still + 1 : 0;
        if (_still > 16)
        {
            _still = 0;
            _count = 0;
            _gait.StepBack(8 + _random.NextInt32(8), _random.NextInt32(2) == 0);
        }
    }

    private void Push(ExplorerStep step)
    {
        if (_first + _count < MostSteps)
        {
            _steps[_first + _count++] = step;
        }
    }

    // Having gone through a door, one often closes it behind oneself.
    private void NoteDoorBehind(HousePlan plan, ref HouseState state)
    {
        if ((state.Events & HouseEvents.RoomEntered) == HouseEvents.None || _count == 0 || _steps[_first].Kind != ExplorerStepKind.Walk)
        {
            return;
        }

        for (var i = 0; i < plan.Doors.Length; i++)
        {
            var dx = plan.Doors[i].CentreX - state.X;
            var dy = plan.Doors[i].CentreY - state.Y;
            if ((dx * dx) + (dy * dy) < 0.4 && _random.NextSingle() < CloseBehindShare)
            {
                _way.Behind = i;
            }
        }
    }

    private void Choose(HousePlan plan, ref HouseState state)
    {
        _first = 0;
        _count = 0;
        _way.Behind = -1;
        if (_random.NextSingle() < BlunderShare)
        {
            Push(ExplorerStep.Blunder(15 + _random.NextInt32(25)));
        }

        var chance = _random.NextSingle();
        var unseen = Longest(plan);
        var isNew = _seen[unseen] < 0 && _moments > LongWait;
        var isMissed = _moments - _seen[unseen] > LongUnseen;
        if (chance < 0.46f || (isMissed && chance is >= 0.68f and < 0.8f) || (isNew && chance < 0.9f))
        {
            VisitRoom(plan, ref state);
        }
        else if (chance < 0.67f)
        {
            Push(ExplorerStep.UseLamp(state.Humming));
        }
        else if (chance < 0.72f)
        {
            Push(ExplorerStep.Follow(40 + _random.NextInt32(90)));
        }
        else if (chance < 0.76f)
        {
            Push(ExplorerStep.Wait(8 + _random.NextInt32(30)));
        }
        else if (chance < 0.8f)
        {
            Push(ExplorerStep.Turn((_random.NextInt32(2) == 0 ? 2 : -2) * Math.PI * (0.5 + (0.6 * _random.NextSingle()))));
        }
        else if (chance < 0.89f)
        {
            LookAway();
        }
        else
        {
            TryDoor(plan, ref state);
        }
    }

    private void VisitRoom(HousePlan plan, ref HouseState state)
    {
        // The room not seen for longest, mostly.
        var room = Longest(plan);
        if (_moments - _seen[room] < LongUnseen && _random.NextInt32(4) == 0)
        {
            room = _random.NextInt32(plan.Themes.Length);
        }

        Push(ExplorerStep.Walk(FreeCell(plan, room)));
        if (_random.NextSingle() < 0.3f)
        {
            Push(ExplorerStep.Turn((_random.NextSingle() - 0.5) * 2 * Math.PI));
        }
    }

    private int Longest(HousePlan plan)
    {
        var room = 0;
        for (var other = 1; other < plan.Themes.Length; other++)
        {
            room = _seen[other] < _seen[room] ? other : room;
        }

        return room;
    }

    private void LookAway()
    {
        // From half a second to eight, short ones as likely as long ones.
        var away = 10 << _random.NextInt32(4);
        away += _random.NextInt32(away);
        var angle = (_random.NextInt32(2) == 0 ? 1 : -1) * Math.PI * (0.5 + (0.5 * _random.NextSingle()));
        Push(ExplorerStep.Wait(3 + _random.NextInt32(6)));
        Push(ExplorerStep.Turn(angle));
        Push(ExplorerStep.Wait(Math.Max(1, Math.Min(160, away) - 34)));
        Push(ExplorerStep.Turn(-angle));
        Push(ExplorerStep.Wait(4 + _random.NextInt32(8)));
    }

    // Leaves a door open or closed, goes away, and comes back to look.
    private void TryDoor(HousePlan plan, ref HouseState state)
    {
        var door = -1;
        var count = 0;
        for (var i = 0; i < plan.Doors.Length; i++)
        {
            if ((plan.Doors[i].Low == state.Room || plan.Doors[i].High == state.Room) && _random.NextInt32(++count) == 0)
            {
                door = i;
            }
        }

        if (door < 0)
        {
            return;
        }

        ref readonly var chosen = ref plan.Doors[door];
        var before = CellBefore(plan, door, state.Room);
        Push(ExplorerStep.Walk(before));
        Push(ExplorerStep.Face(chosen.CentreX, chosen.CentreY));
        Push(ExplorerStep.SetDoor(door, _random.NextInt32(2) == 0));
        Push(ExplorerStep.Wait(10 + _random.NextInt32(8)));
        if (_random.NextInt32(2) == 0)
        {
            LookAway();
        }
        else
        {
            var rooms = _random.NextInt32(3) == 0 ? chosen.Other(state.Room) : state.Room;
            Push(ExplorerStep.Walk(FreeCell(plan, rooms), door));
            Push(ExplorerStep.Wait(5 + _random.NextInt32(50)));
            Push(ExplorerStep.Walk(before, door));
            Push(ExplorerStep.Face(chosen.CentreX, chosen.CentreY));
        }

        Push(ExplorerStep.Wait(8 + _random.NextInt32(10)));
    }

    // A cell from which one sees the door well: the second one before it where that is free.
    private static int CellBefore(HousePlan plan, int door, int room)
    {
        ref readonly var chosen = ref plan.Doors[door];
        var away = chosen.High == room ? 1 : -1;
        var near = (chosen.X - (chosen.IsVertical && away < 0 ? 1 : 0), chosen.Y - (!chosen.IsVertical && away < 0 ? 1 : 0));
        var cell = (near.Item2 * plan.Width) + near.Item1;
        var far = cell + (away * (chosen.IsVertical ? 1 : plan.Width));
        return far >= 0 && far < plan.RoomOf.Length && plan.RoomOf[far] == room && !plan.IsBlocked[far] ? far : cell;
    }

    private int FreeCell(HousePlan plan, int room)
    {
        var chosen = 0;
        var count = 0;
        for (var cell = 0; cell < plan.RoomOf.Length; cell++)
        {
            if (plan.RoomOf[cell] == room && !plan.IsBlocked[cell] && _random.NextInt32(++count) == 0)
            {
                chosen = cell;
            }
        }

        return chosen;
    }

    // Does what a step asks for in this moment and says whether the step is over.
    private bool IsDone(HousePlan plan, ref HouseState state, in ExplorerStep step)
    {
        switch (step.Kind)
        {
            case ExplorerStepKind.Walk:
                return _way.Walk(plan, ref state, step.Number, (int)step.X, within: 0.3, isFirst: _spent == 1);
            case ExplorerStepKind.Face:
                return _gait.Face(ref state, step.X, step.Y);
            case ExplorerStepKind.Turn:
                return Turn(ref state, step.X);
            case ExplorerStepKind.Wait:
                return _spent > step.Number;
            case ExplorerStepKind.SetDoor:
                return _way.SetDoor(plan, ref state, step.Number, step.IsOpen);
            case ExplorerStepKind.UseLamp:
                return UseLamp(plan, ref state, step.Number);
            case ExplorerStepKind.Follow:
                return Follow(plan, ref state, step.Number);
            default:
                return Blunder(ref state, step.Number);
        }
    }

    private bool Blunder(ref HouseState state, int moments)
    {
        if ((state.Events & HouseEvents.Bump) != HouseEvents.None)
        {
            _gait.StepBack(3 + _random.NextInt32(8), _random.NextInt32(2) == 0);
            return true;
        }

        _gait.Blunder();
        return _spent > moments;
    }

    private bool Turn(ref HouseState state, double angle)
    {
        if (_spent == 1)
        {
            _turnTo = Math.Abs(angle);
            _turnSide = Math.Sign(angle);
        }

        _turnTo -= _gait.Turn(ref state, _turnSide, _turnTo);
        return _turnTo <= 0.02;
    }

    private bool UseLamp(HousePlan plan, ref HouseState state, int lamp)
    {
        if (state.Humming != lamp)
        {
            return true;
        }

        var thing = plan.Things[plan.Lamps[lamp]];
        var dx = thing.X - state.X;
        var dy = thing.Y - state.Y;
        var isNear = (dx * dx) + (dy * dy) < ArmLength * ArmLength && plan.Room(thing.X, thing.Y) == state.Room;
        if (!isNear)
        {
            _way.Walk(plan, ref state, plan.Cell(thing.X, thing.Y), -1, within: 0.2, isFirst: _spent == 1);
        }
        else if (HouseSimulation.Reachable(plan, ref state) == -1 - lamp)
        {
            _gait.Use(ref state);
        }
        else if (_gait.Face(ref state, thing.X, thing.Y))
        {
            _gait.Go(plan, ref state, thing.X, thing.Y, 0.3);
        }

        return false;
    }

    private bool Follow(HousePlan plan, ref HouseState state, int moments)
    {
        var dx = state.Ball.X - state.X;
        var dy = state.Ball.Y - state.Y;
        if ((dx * dx) + (dy * dy) > 0.9 || plan.Room(state.Ball.X, state.Ball.Y) != state.Room)
        {
            _way.Walk(plan, ref state, plan.Cell(state.Ball.X, state.Ball.Y), -1, within: 0.2, isFirst: _spent == 1);
        }
        else
        {
            _gait.Face(ref state, state.Ball.X, state.Ball.Y);
        }

        return _spent > moments;
    }
}
