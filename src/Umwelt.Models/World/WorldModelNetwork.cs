// What flows through a world model: slots of moments into the backbone, and from what it remembers into the next moment's slots.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models;

public sealed partial class WorldModel
{
    /// <summary>The slots of a channel among those inferred from some channel on [n, slots, width].</summary>
    internal Tensor SlotsOf(Tensor inferred, int channel, int first = 0) =>
        inferred.Slice(1, _firstSlots[channel] - _firstSlots[first], Codecs[channel].SlotCount);

    /// <summary>What a backbone reads [n, slots, width] from the slots of each channel.</summary>
    internal Tensor Moment(ReadOnlySpan<Tensor> channels)
    {
        using var scope = Engine.Scope();
        var n = channels[0].Shape[0];
        var all = Joined(Options.Registers == 0 ? default : _registers.Expand([n, Options.Registers, Options.Width]), channels);
        return scope.Keep(all + _places);
    }

    /// <summary>What is remembered where there is nothing to remember: for rows whose mask [n, 1, 1] is 1.</summary>
    internal Tensor Forgotten(Tensor remembered, Tensor mask) => mask.Where(_nothing, remembered);

    /// <summary>The same for n rows that all remember nothing.</summary>
    internal Tensor Nothing(int n) => _nothing.Expand([n, SlotCount, Options.Width]).Clone();

    /// <summary>The slots of the next moment's channels [n, slots, width], without registers, which nobody asks for.</summary>
    /// <param name="remembered">[n, slots, width].</param>
    /// <param name="next">The stem of each channel [n, slots of the channel, width].</param>
    internal Tensor Infer(Tensor remembered, ReadOnlySpan<Tensor> next) => Infer(Known(remembered), next, 0, Codecs.Length - 1);

    /// <summary>What the decoder gets of what is remembered [n, slots, width], whatever it is asked.</summary>
    internal Tensor Known(Tensor remembered) => _bridge.Apply(remembered);

    /// <summary>The same of neighbouring channels alone: the bits are those they have among all.</summary>
    /// <param name="known">[n, slots, width].</param>
    /// <param name="next">The stem of each channel [n, slots of the channel, width].</param>
    /// <param name="first">The first channel whose slots are wanted.</param>
    /// <param name="last">The last one.</param>
    internal Tensor Infer(Tensor known, ReadOnlySpan<Tensor> next, int first, int last)
    {
        var (n, registers) = (known.Shape[0], Options.Registers);
        var count = _firstSlots[last] + Codecs[last].SlotCount - _firstSlots[first];
        using var scope = Engine.Scope();
        var senses = (registers == 0 ? known : known.Slice(1, registers, SlotCount - registers)) + Joined(default, next) + _nextPlaces;
        var all = registers == 0 ? senses : Tensor.Concatenate(1, known.Slice(1, 0, registers), senses);
        return scope.Keep(_decoder.Apply(all.Unsqueeze(1), _firstSlots[first], count).Reshape(n, count, Options.Width));
    }

    private Tensor Joined(Tensor first, ReadOnlySpan<Tensor> channels)
    {
        if (first.IsDefault)
        {
            return channels.Length == 1 ? channels[0] : Tensor.Concatenate(1, channels);
        }

        _parts ??= new Tensor[channels.Length + 1];
        _parts[0] = first;
        channels.CopyTo(_parts.AsSpan(1));
        return Tensor.Concatenate(1, _parts);
    }

    private Tensor[]? _parts;
}
