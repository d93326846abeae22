// What rows that dream remember, as plain numbers: what somebody who learns in a dream looks at. Nothing is rendered for it.
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Moments;

namespace Umwelt.Models.Internal.World;

internal sealed partial class DreamBody
{
    private float[] _read = [];

    /// <summary>Numbers of a row: every slot that is remembered, and the last value of every vector that is no command.</summary>
    public int FeatureCount => (_model.SlotCount * _model.Options.Width) + _model.Schema.Channels.Where(IsFeature).Sum(static channel => channel.ElementCount);

    /// <summary>Writes what is remembered, [rows, <see cref="FeatureCount"/>]. Last values are in deviations, large ones by their logarithm; an absent one is 0.</summary>
    public void ReadFeatures(Span<float> features)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        var (count, at) = (FeatureCount, _model.SlotCount * _model.Options.Width);
        var slots = Room(Rows * at);
        _memory[Remembered].Read(slots);
        for (var row = 0; row < Rows; row++)
        {
            slots.Slice(row * at, at).CopyTo(features[(row * count)..]);
        }

        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            if (!IsFeature(_model.Codecs[c].Channel))
            {
                continue;
            }

            var size = _model.Codecs[c].Channel.ElementCount;
            var values = Room(Rows * size);
            MemoryOf(c).Value.Read(values);
            for (var i = 0; i < values.Length; i++)
            {
                var (row, element) = Math.DivRem(i, size);
                var value = _seen[c][row] > 0 ? values[i] : 0;
                features[(row * count) + at + element] = MathF.CopySign(MathF.Log(1 + MathF.Abs(value)), value);
            }

            at += size;
        }
    }

    /// <summary>How probable each row's present moment was thought to end its episode, whatever was drawn or given; 0 where nothing was inferred.</summary>
    /// <param name="channel">The channel that says so.</param>
    /// <param name="chances">A row each.</param>
    public void ReadEndChances(int channel, Span<float> chances)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        var scores = ((CategoryCodec)_model.Codecs[channel]).Scores(_model.SlotsOf(_memory[Inferred], channel));
        scores.Softmax().Slice(1, 1, 1).Contiguous().Read(chances[..Rows]);
    }

    /// <summary>Lets a row draw other chances from here on.</summary>
    public void Reseed(int row, long seed) => _seeds[row] = seed;

    private static bool IsFeature(Channel channel) => channel is VectorChannel && channel.Role != ChannelRole.Motor;

    private Span<float> Room(int count)
    {
        if (_read.Length < count)
        {
            _read = new float[count];
        }

        return _read.AsSpan(0, count);
    }
}
