// Levels that all of n moments share, made once: in a dream nearly every level is 0, 1 or the one declared for own moments.
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

/// <summary>Tensors of levels, kept where all levels are the same.</summary>
internal sealed class LevelCache(Engine engine) : IDisposable
{
    private const int Most = 64;
    private readonly Dictionary<(int Count, float Level), LevelTensors> _kept = [];
    private readonly Dictionary<int, Tensor> _steps = [];

    /// <summary>The levels of some moments; not to be written.</summary>
    public LevelTensors Of(ReadOnlySpan<float> levels)
    {
        if (levels.IsEmpty || levels.ContainsAnyExcept(levels[0]))
        {
            return LevelTensors.Of(engine, levels);
        }

        if (!_kept.TryGetValue((levels.Length, levels[0]), out var tensors))
        {
            tensors = LevelTensors.Of(engine, levels);
            if (_kept.Count < Most)
            {
                tensors.Level.Hold();
                tensors.Waves.Hold();
                tensors.IsMissing.Hold();
                _kept.Add((levels.Length, levels[0]), tensors);
            }
        }

        return tensors;
    }

    /// <summary>Waves of the levels at which so many steps begin, from 1 down: [steps, waves].</summary>
    public Tensor WavesOf(int steps)
    {
        if (!_steps.TryGetValue(steps, out var waves))
        {
            Span<float> levels = steps <= 256 ? stackalloc float[steps] : new float[steps];
            for (var step = 0; step < steps; step++)
            {
                levels[step] = 1 - ((float)step / steps);
            }

            waves = LevelTensors.Of(engine, levels).Waves.Hold();
            _steps.Add(steps, waves);
        }

        return waves;
    }

    public void Dispose()
    {
        foreach (var waves in _steps.Values)
        {
            waves.Dispose();
        }

        foreach (var tensors in _kept.Values)
        {
            tensors.Level.Dispose();
            tensors.Waves.Dispose();
            tensors.IsMissing.Dispose();
        }

        _steps.Clear();
        _kept.Clear();
    }
}
