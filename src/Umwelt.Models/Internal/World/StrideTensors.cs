// Steps of a read-out from noise to a value, as long as halving the whole way so many times makes them. A step twice as long is to
// arrive where two of half its length arrive, so that few steps do what many would; only the finest learn from values.
// Source: Frans et al., arXiv 2410.12557, eq. 4 and 5.
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

/// <summary>How one channel of n moments goes on from its levels. A step moves numbers towards a guess of the clean value.</summary>
/// <param name="Waves">Of the steps' lengths [n, waves].</param>
/// <param name="HalfWaves">Of half their lengths.</param>
/// <param name="Middle">The levels after half a step [n, 1].</param>
/// <param name="MiddleWaves">Of those.</param>
/// <param name="First">The share of the way to a guess that the first half of a step goes [n, 1].</param>
/// <param name="Second">The same of the second half, from where it begins.</param>
/// <param name="Whole">What part of the way to a guess a step goes, the other way up: by how much a step is to be multiplied.</param>
/// <param name="IsFinest">1 where values are the goal and not where two steps arrive.</param>
internal readonly record struct StrideTensors(Tensor Waves, Tensor HalfWaves, Tensor Middle, Tensor MiddleWaves, Tensor First, Tensor Second, Tensor Whole, Tensor IsFinest)
{
    /// <summary>Halvings of the whole way that make the finest step.</summary>
    public const int Finest = 5;

    private const float LeastLevel = 1e-3f;

    /// <summary>How often to halve the way of one transition: half of all take the finest steps, the others any.</summary>
    public static int Draw(ref RandomStream stream) => stream.NextInt32(2) == 0 ? Finest : stream.NextInt32(Finest);

    /// <summary>A level from which whole steps lead to 0. The finest steps begin anywhere.</summary>
    public static float Snapped(float level, int halvings) =>
        halvings >= Finest ? level : Math.Clamp(MathF.Ceiling(level * (1 << halvings)), 1, 1 << halvings) / (1 << halvings);

    /// <summary>What a network sees of a step's length, from 0 for the whole way to 1 for the finest.</summary>
    public static float Fineness(float stride) => Math.Clamp(-MathF.Log2(stride) / Finest, 0, 1);

    /// <summary>Steps of neighbouring moments.</summary>
    public static StrideTensors Of(Engine engine, ReadOnlySpan<float> levels, ReadOnlySpan<int> halvings)
    {
        const int Count = LevelTensors.WaveCount;
        var n = levels.Length;
        var (waves, halves, middles) = (new float[n * Count], new float[n * Count], new float[n * Count]);
        var (lower, first, second, whole, finest) = (new float[n], new float[n], new float[n], new float[n], new float[n]);
        for (var i = 0; i < n; i++)
        {
            var level = MathF.Max(levels[i], LeastLevel);
            var stride = MathF.Min(1f / (1 << halvings[i]), level);
            var middle = level - (stride / 2);
            LevelTensors.FillWaves((float)halvings[i] / Finest, waves.AsSpan(i * Count, Count));
            LevelTensors.FillWaves(Math.Min(halvings[i] + 1f, Finest) / Finest, halves.AsSpan(i * Count, Count));
            LevelTensors.FillWaves(middle, middles.AsSpan(i * Count, Count));
            lower[i] = middle;
            (first[i], second[i], whole[i]) = (stride / 2 / level, stride / 2 / middle, level / stride);
            finest[i] = halvings[i] >= Finest ? 1 : 0;
        }

        return new StrideTensors(
            engine.From(waves, [n, Count]), engine.From(halves, [n, Count]), engine.From(lower, [n, 1]), engine.From(middles, [n, Count]),
            engine.From(first, [n, 1]), engine.From(second, [n, 1]), engine.From(whole, [n, 1]), engine.From(finest, [n, 1]));
    }
}
