// Sound brought to another rate, with its ears or as one. The ticks of a moment are heard one after another; one that is silent by
// absence is silence.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

internal sealed class MappedSound : MappedChannel
{
    private readonly int _source;
    private readonly int _ears;
    private readonly AreaMean _rate;
    private readonly float[] _heard; // [samples of a tick, ears of the world]
    private readonly float[] _result; // [samples of a tick]

    public MappedSound(SoundChannel channel, SoundChannel from, int source, int ticks)
        : base(channel)
    {
        (_source, _ears) = (source, from.Ears);
        _rate = new AreaMean(from.Samples, channel.Samples / ticks);
        _heard = new float[from.ElementCount];
        _result = new float[_rate.To];
    }

    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
        if (!world.IsPresent(_source, row))
        {
            return;
        }

        var samples = world.Sound(_source, row);
        for (var i = 0; i < samples.Length; i++)
        {
            _heard[i] = samples[i];
        }

        var ears = ((SoundChannel)Channel).Ears;
        if (ears < _ears)
        {
            for (var i = 0; i < _rate.From; i++)
            {
                var sum = 0f;
                for (var ear = 0; ear < _ears; ear++)
                {
                    sum += _heard[(i * _ears) + ear];
                }

                _heard[i * _ears] = sum / _ears;
            }
        }

        var part = moments.Sound(index, row).Slice(tick * _rate.To * ears, _rate.To * ears);
        for (var ear = 0; ear < ears; ear++)
        {
            _rate.Apply(_heard, ear, _ears, _result, 0, 1);
            for (var i = 0; i < _rate.To; i++)
            {
                part[(i * ears) + ear] = (short)Math.Clamp(MathF.Round(_result[i], MidpointRounding.AwayFromZero), short.MinValue, short.MaxValue);
            }
        }

        moments.SetPresent(index, row);
    }
}
