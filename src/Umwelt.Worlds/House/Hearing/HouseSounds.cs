// Starts sounds and keeps their places up to date. Mixing them into samples is left to the mixer and changes nothing here.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Hearing;

internal static class HouseSounds
{
    /// <summary>Samples of each ear in a moment.</summary>
    public const int Samples = 400;

    private const int Voice = 0;

    private const float HumLevel = 0.34f;
    private const float RadioLevel = 0.34f;

    /// <summary>Places what sounds all the time before the first moment.</summary>
    public static void Begin(HousePlan plan, ref HouseState state)
    {
        Place(plan, ref state);
        state.Sound.Hum.From = state.Sound.Hum.To;
        state.Sound.Radio.From = state.Sound.Radio.To;
    }

    /// <summary>A moment passes: sounds go on by its samples, and those at their end stop.</summary>
    public static void Advance(ref HouseState state)
    {
        state.Sound.Clock++;
        for (var i = 0; i < Shots.Count; i++)
        {
            ref var shot = ref state.Sound.Shots[i];
            if (shot.Table == SoundTable.None)
            {
                continue;
            }

            shot.Position += Samples;
            shot.IsNew = false;
            if (shot.Position >= SoundBank.Of(shot.Table).Length + AcousticsDelay)
            {
                shot.Table = SoundTable.None;
            }
        }
    }

    /// <summary>Plays a sound at a place in the house.</summary>
    public static void Play(ref HouseState state, SoundTable table, float x, float y) => Start(ref state, table, x, y, isOwn: false);

    /// <summary>Plays a sound of the body itself, to the left (-1) or right (1) of it.</summary>
    public static void PlayAtBody(ref HouseState state, SoundTable table, float side) => Start(ref state, table, side, 0, isOwn: true);

    public static void PlayAtBall(ref HouseState state) => Play(ref state, SoundTable.Thud, (float)state.Ball.X, (float)state.Ball.Y);

    /// <summary>Begins to say a room's name.</summary>
    public static void Speak(ref HouseState state, RoomTheme theme) =>
        state.Sound.Shots[Voice] = new Shot { Table = SoundTable.FirstWord + (byte)theme, IsOwn = true, IsNew = true };

    /// <summary>Whether the voice's last sample lies within this moment.</summary>
    public static bool VoiceHasEnded(ref HouseState state)
    {
        ref var shot = ref state.Sound.Shots[Voice];
        return shot.Table == SoundTable.None || shot.Position + Samples >= SoundBank.Of(shot.Table).Length;
    }

    /// <summary>Moves every sound to where it is heard from at the end of this moment.</summary>
    public static void Place(HousePlan plan, ref HouseState state)
    {
        var acoustics = new Acoustics(plan, ref state);
        var lamp = plan.Things[plan.Lamps[state.Humming]];
        state.Sound.Hum.Move(Heard(HouseSilence.Lamp, acoustics.Place(lamp.X, lamp.Y, HumLevel), ref state));
        var radio = plan.Things[plan.Radio];
        state.Sound.Radio.Move(Heard(HouseSilence.Radio, acoustics.Place(radio.X, radio.Y, RadioLevel), ref state));
        for (var i = 0; i < Shots.Count; i++)
        {
            ref var shot = ref state.Sound.Shots[i];
            if (shot.Table == SoundTable.None)
            {
                continue;
            }

            var (level, kind) = Kind(shot.Table);
            var place = shot.IsOwn ? Acoustics.Own(shot.X, level) : acoustics.Place(shot.X, shot.Y, level);
            shot.Ramp.Move(Heard(kind, place, ref state));
            if (shot.IsNew)
            {
                shot.Ramp.From = shot.Ramp.To;
            }
        }
    }

    // The last samples of a sound reach the far ear this much later.
    private const int AcousticsDelay = 8;

    private static Placement Heard(HouseSilence kind, Placement place, ref HouseState state)
    {
        if ((state.Silence & kind) != HouseSilence.None)
        {
            (place.Left, place.Right) = (0, 0);
        }

        return place;
    }

    private static (float Level, HouseSilence Kind) Kind(SoundTable table) => table switch
    {
        SoundTable.Bell => (2.2f, HouseSilence.Bell),
        SoundTable.Thud => (1.2f, HouseSilence.Ball),
        SoundTable.DoorOpens or SoundTable.DoorCloses => (0.6f, HouseSilence.Doors),
        SoundTable.StepLeft or SoundTable.StepRight => (0.22f, HouseSilence.Body),
        SoundTable.Bump => (0.5f, HouseSilence.Body),
        SoundTable.Chime => (0.35f, HouseSilence.None),
        _ => (0.5f, HouseSilence.Voice),
    };

    private static void Start(ref HouseState state, SoundTable table, float x, float y, bool isOwn)
    {
        // The first free slot, or the one that has sounded longest.
        var slot = 1;
        for (var i = 1; i < Shots.Count; i++)
        {
            if (state.Sound.Shots[i].Table == SoundTable.None)
            {
                slot = i;
                break;
            }

            slot = state.Sound.Shots[i].Position > state.Sound.Shots[slot].Position ? i : slot;
        }

        state.Sound.Shots[slot] = new Shot { Table = table, X = x, Y = y, IsOwn = isOwn, IsNew = true };
    }
}
