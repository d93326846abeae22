// What is said of a moment: short sentences about what happened, joined where several things happen at once.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House;

internal static class HouseSpeech
{
    /// <summary>More bytes than everything at once takes.</summary>
    public const int Longest = 256;

    /// <summary>Writes the text of a moment as UTF-8 and returns its length, mostly 0.</summary>
    public static int Write(HousePlan plan, in HouseState state, Span<byte> text)
    {
        var length = 0;
        if ((state.Events & HouseEvents.RoomNamed) != HouseEvents.None)
        {
            Say(plan.Themes[state.Named].Utf8(), text, ref length);
        }

        Say(state.Events, HouseEvents.DoorOpens, "the door opens"u8, text, ref length);
        Say(state.Events, HouseEvents.DoorCloses, "the door closes"u8, text, ref length);
        Say(state.Events, HouseEvents.LampFound, "the lamp is found"u8, text, ref length);
        Say(state.Events, HouseEvents.Bell, "the bell rings"u8, text, ref length);
        return length;
    }

    private static void Say(HouseEvents events, HouseEvents what, ReadOnlySpan<byte> words, Span<byte> text, ref int length)
    {
        if ((events & what) != HouseEvents.None)
        {
            Say(words, text, ref length);
        }
    }

    private static void Say(ReadOnlySpan<byte> words, Span<byte> text, ref int length)
    {
        if (length > 0)
        {
            ", "u8.CopyTo(text[length..]);
            length += 2;
        }

        words.CopyTo(text[length..]);
        length += words.Length;
    }
}
