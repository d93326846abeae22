// The rules of the house for one row and one moment: the body moves, doors slide, the ball hops, the bell rings, the lamp
// is found. It reads the plan and a command and changes the state; what is seen and heard of it is made elsewhere.
using Umwelt.Storage;
using Umwelt.Worlds.House.Hearing;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House;

internal static class HouseSimulation
{
    /// <summary>Metres of a full step forward or back.</summary>
    public const double ForwardStep = 0.11;

    /// <summary>Metres of a full step aside.</summary>
    public const double StrafeStep = 0.08;

    /// <summary>Radians of a full turn: 64 of them make a whole one.</summary>
    public const double TurnStep = Math.PI / 32;

    /// <summary>Moments between two strokes of the bell: ten seconds.</summary>
    public const int BellInterval = 200;

    /// <summary>Moments of a day and a night.</summary>
    public const int DayLength = 3600;

    public const float BumpCost = -0.01f;
    public const float LampReward = 1;

    /// <summary>How far one reaches to use something.</summary>
    public const double Reach = 1.3;

    private const float DoorStep = 1f / 12;
    private const double Stride = 0.62;
    private const int BumpRest = 5;
    private const int StayToName = 3;
    private const float GlowStep = 0.12f;

    /// <summary>Begins an episode: who stands where, which doors are open and what time it is are chances of the seed.</summary>
    public static void Begin(HousePlan plan, long seed, out HouseState state)
    {
        state = default;
        state.Random = RandomStream.Of(seed, 0x62656769);
        for (var i = 0; i < plan.Doors.Length; i++)
        {
            var isOpen = state.Random.NextInt32(2) == 0;
            state.Doors[i] = new DoorState { Opening = isOpen ? 1 : 0, IsToOpen = isOpen };
        }

        for (var i = 0; i < plan.Themes.Length; i++)
        {
            state.Paint[i] = plan.Themes[i];
        }

        (state.X, state.Y) = FreePlace(plan, ref state, HousePhysics.BodyRadius);
        state.Heading = (state.Random.NextDouble() - 0.5) * 2 * Math.PI;
        (state.Ball.X, state.Ball.Y) = FreePlace(plan, ref state, HousePhysics.BallRadius + 0.2);
        state.Ball.Height = HousePhysics.BallRadius;
        HouseBall.Launch(ref state, isHopping: true);
        state.Humming = state.Random.NextInt32(plan.Lamps.Length);
        state.Glow[state.Humming] = 1;
        state.DayOffset = state.Random.NextInt32(DayLength);
        state.BellPhase = state.Random.NextInt32(BellInterval);
        state.Room = plan.Room(state.X, state.Y);
        state.Named = -1;
        state.EventDoor = -1;
        state.Sound.Clock = state.Random.NextInt32(1 << 20);
        HouseSounds.Begin(plan, ref state);
    }

    /// <summary>One moment later.</summary>
    public static void Advance(HousePlan plan, ref HouseState state, float forward, float strafe, float turn, bool use)
    {
        state.Clock++;
        state.Events = HouseEvents.None;
        state.EventDoor = -1;
        state.Reward = 0;
        if (state.IsMotorReversed)
        {
            (forward, strafe, turn) = (-forward, -strafe, -turn);
        }

        HouseSounds.Advance(ref state);
        Walk(plan, ref state, forward, strafe, turn);
        if (use && !state.WasUsing)
        {
            Use(plan, ref state);
        }

        state.WasUsing = use;
        SlideDoors(plan, ref state);
        HouseBall.Advance(plan, ref state);
        for (var i = 0; i < plan.Lamps.Length; i++)
        {
            var goal = i == state.Humming ? 1f : 0f;
            state.Glow[i] += Math.Clamp(goal - state.Glow[i], -GlowStep, GlowStep);
        }

        if (state.Clock % BellInterval == state.BellPhase)
        {
            state.Events |= HouseEvents.Bell;
            HouseSounds.Play(ref state, SoundTable.Bell, plan.Things[plan.Bell].X, plan.Things[plan.Bell].Y);
        }

        NameRoom(plan, ref state);
    }

    /// <summary>How light it is outside, 0 at midnight to 1 at noon.</summary>
    public static float Daylight(in HouseState state)
    {
        var angle = 2 * Math.PI * ((state.Clock + state.DayOffset) % DayLength) / DayLength;
        var wave = 0.5 - (0.5 * Trigonometry.SinCos(angle).Cosine);

        // Days and nights are longer than dusk and dawn.
        return (float)(wave * wave * (3 - (2 * wave)));
    }

    /// <summary>The door or lamp that a use would reach from where the body stands: a door's number, or -1 - a lamp's
    /// number, or null.</summary>
    public static int? Reachable(HousePlan plan, ref HouseState state)
    {
        var (sine, cosine) = Trigonometry.SinCos(state.Heading);
        int? best = null;
        var nearest = Reach;
        for (var i = 0; i < plan.Lamps.Length; i++)
        {
            var lamp = plan.Things[plan.Lamps[i]];
            Consider(plan, ref state, lamp.X, lamp.Y, -1 - i, lamp: true);
        }

        for (var i = 0; i < plan.Doors.Length; i++)
        {
            ref readonly var door = ref plan.Doors[i];
            if (state.Room == door.Low || state.Room == door.High)
            {
                Consider(plan, ref state, door.CentreX, door.CentreY, i, lamp: false);
            }
        }

        return best;

        void Consider(HousePlan plan, ref HouseState state, double x, double y, int what, bool lamp)
        {
            var dx = x - state.X;
            var dy = y - state.Y;
            var distance = Math.Sqrt((dx * dx) + (dy * dy));
            var isAhead = (dx * cosine) + (dy * sine) > 0.7 * distance;
            if (distance < nearest && isAhead && !(lamp && HousePhysics.Crosses(plan, ref state, state.X, state.Y, x, y)))
            {
                nearest = distance;
                best = what;
            }
        }
    }

    private static (double X, double Y) FreePlace(HousePlan plan, ref HouseState state, double radius)
    {
        while (true)
        {
            var x = state.Random.NextDouble() * plan.Width;
            var y = state.Random.NextDouble() * plan.Height;
            if (!plan.IsBlocked[plan.Cell(x, y)] && HousePhysics.Overlap(plan, ref state, x, y, radius) == 0)
            {
                return (x, y);
            }
        }
    }

    private static void Walk(HousePlan plan, ref HouseState state, float forward, float strafe, float turn)
    {
        state.Heading = Trigonometry.Wrap(state.Heading + (turn * TurnStep));
        var (sine, cosine) = Trigonometry.SinCos(state.Heading);
        var ahead = forward * ForwardStep;
        var aside = strafe * StrafeStep;
        var dx = (ahead * cosine) - (aside * sine);
        var dy = (ahead * sine) + (aside * cosine);
        var wanted = Math.Sqrt((dx * dx) + (dy * dy));
        var (oldX, oldY) = (state.X, state.Y);
        HousePhysics.Move(plan, ref state, ref state.X, ref state.Y, dx, dy, HousePhysics.BodyRadius);
        var (realX, realY) = (state.X - oldX, state.Y - oldY);
        var real = Math.Sqrt((realX * realX) + (realY * realY));

        // Grazing a wall is silent; to run into something is a bump, once until one has let go of it.
        var lost = Math.Sqrt(((dx - realX) * (dx - realX)) + ((dy - realY) * (dy - realY)));
        var isPressed = lost > 0.03 && lost > 0.45 * wanted;
        state.BumpRest = Math.Max(0, state.BumpRest - 1);
        if (isPressed && !state.IsPressed && state.BumpRest == 0)
        {
            state.Events |= HouseEvents.Bump;
            state.Reward += BumpCost;
            state.BumpRest = BumpRest;
            HouseSounds.PlayAtBody(ref state, SoundTable.Bump, 0);
        }

        state.IsPressed = isPressed;
        state.Walked += real;
        if (state.Walked >= Stride)
        {
            state.Walked -= Stride;
            state.Events |= HouseEvents.Step;
            state.Steps++;
            HouseSounds.PlayAtBody(ref state, (state.Steps & 1) == 0 ? SoundTable.StepLeft : SoundTable.StepRight, (state.Steps & 1) == 0 ? -0.35f : 0.35f);
        }
    }

    private static void Use(HousePlan plan, ref HouseState state)
    {
        if (Reachable(plan, ref state) is not { } what)
        {
            return;
        }

        if (what >= 0)
        {
            ref var door = ref state.Doors[what];
            door.IsToOpen = !door.IsToOpen;
            state.EventDoor = what;
            state.Events |= door.IsToOpen ? HouseEvents.DoorOpens : HouseEvents.DoorCloses;
            HouseSounds.Play(ref state, door.IsToOpen ? SoundTable.DoorOpens : SoundTable.DoorCloses, (float)plan.Doors[what].CentreX, (float)plan.Doors[what].CentreY);
        }
        else if (-1 - what == state.Humming)
        {
            state.Events |= HouseEvents.LampFound;
            state.Reward += LampReward;
            state.LampsFound++;
            var next = state.Random.NextInt32(plan.Lamps.Length - 1);
            state.Humming = next >= state.Humming ? next + 1 : next;
            HouseSounds.PlayAtBody(ref state, SoundTable.Chime, 0);
        }
    }

    private static void SlideDoors(HousePlan plan, ref HouseState state)
    {
        for (var i = 0; i < plan.Doors.Length; i++)
        {
            ref var door = ref state.Doors[i];
            var goal = door.IsToOpen ? 1f : 0f;
            if (door.Opening == goal)
            {
                continue;
            }

            // A panel waits for whoever stands in its way.
            var next = door.Opening + Math.Clamp(goal - door.Opening, -DoorStep, DoorStep);
            if (!door.IsToOpen
                && (HousePhysics.Blocks(plan.Doors[i], next, state.X, state.Y, HousePhysics.BodyRadius)
                    || HousePhysics.Blocks(plan.Doors[i], next, state.Ball.X, state.Ball.Y, HousePhysics.BallRadius)))
            {
                continue;
            }

            door.Opening = next;
        }
    }

    // The voice names a room once one has set foot in it, and never while it still speaks.
    private static void NameRoom(HousePlan plan, ref HouseState state)
    {
        var room = plan.Room(state.X, state.Y);
        state.Stayed = room == state.Room ? state.Stayed + 1 : 0;
        if (room != state.Room)
        {
            state.Events |= HouseEvents.RoomEntered;
            state.Room = room;
        }

        if (state.IsNaming && HouseSounds.VoiceHasEnded(ref state))
        {
            state.IsNaming = false;
            state.Events |= HouseEvents.RoomNamed;
        }
        else if (!state.IsNaming && room != state.Named && state.Stayed >= StayToName)
        {
            state.Named = room;
            state.IsNaming = true;
            HouseSounds.Speak(ref state, plan.Themes[room]);
        }
    }
}
