// Which slots a layer acts on: all, the registers that stand first, or the others. So long memory can live in a handful of
// slots with recurrent mixers while the many slots of a picture need only a short window.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Neighbouring slots, the registers or those after them.</summary>
internal readonly record struct SlotRange(bool HasRegisters, bool HasOthers, int Registers)
{
    public static SlotRange Of(PatternArguments arguments, int registers)
    {
        var which = arguments.Choice("on", "all", "all", "registers", "others");
        return which == "all" || registers > 0
            ? new SlotRange(which != "others", which != "registers", registers)
            : throw arguments.Error($"'on: {which}' needs registers, and the stack has none");
    }

    /// <summary>The first of them and how many they are among so many slots.</summary>
    public (int First, int Count) Within(int slots)
    {
        if (HasRegisters && HasOthers)
        {
            return (0, slots);
        }

        return Registers < slots
            ? HasRegisters ? (0, Registers) : (Registers, slots - Registers)
            : throw new ShapeException($"stack: {slots} slots are not more than its {Registers} registers.");
    }
}
