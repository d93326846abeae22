// Levels of noise as a network sees them: 0 is given as it is, 1 is absent or unknown. Beside the number itself come waves of
// it, so that small differences near 0 can be told apart.
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

/// <summary>The levels of one channel in n moments.</summary>
/// <param name="Level">[n, 1].</param>
/// <param name="Waves">[n, <see cref="WaveCount"/>].</param>
/// <param name="IsMissing">[n, 1, 1]: 1 where the level is 1, else 0.</param>
/// <param name="Missing">How many of them are.</param>
internal readonly record struct LevelTensors(Tensor Level, Tensor Waves, Tensor IsMissing, int Missing)
{
    public const int WaveCount = 8;

    /// <summary>How long the read-out's steps are; default for the finest.</summary>
    public StrideTensors Strides { get; init; }

    public static LevelTensors Of(Engine engine, ReadOnlySpan<float> levels)
    {
        var n = levels.Length;
        var numbers = System.Buffers.ArrayPool<float>.Shared.Rent(n * (WaveCount + 1));
        try
        {
            var waves = numbers.AsSpan(0, n * WaveCount);
            var missing = numbers.AsSpan(n * WaveCount, n);
            var count = 0;
            for (var i = 0; i < n; i++)
            {
                missing[i] = levels[i] >= 1 ? 1 : 0;
                count += levels[i] >= 1 ? 1 : 0;
                FillWaves(levels[i], waves.Slice(i * WaveCount, WaveCount));
            }

            return new LevelTensors(
                engine.From(levels, [n, 1]), engine.From<float>(waves, [n, WaveCount]), engine.From<float>(missing, [n, 1, 1]), count);
        }
        finally
        {
            System.Buffers.ArrayPool<float>.Shared.Return(numbers);
        }
    }

    /// <summary>The waves of one number from 0 to 1.</summary>
    public static void FillWaves(float number, Span<float> waves)
    {
        for (var k = 0; k < WaveCount; k++)
        {
            waves[k] = MathF.Cos(MathF.PI * k * number);
        }
    }
}
