// Claim: a read-out of numbers says one of the values that may follow and not their mean. The next value is 1 or -1 with equal
// chance; a read-out of one step, which is taught by the mean squared error alone, is the control.
using System.Collections.Immutable;
using Umwelt.Dreams;
using Umwelt.Moments;

namespace Umwelt;

/// <summary>A coin that a dream has to toss.</summary>
public sealed class ContinuousDecoder : IExperiment
{
    private const int Lives = 512;
    private const int Remembered = 8;
    private const int Followed = 16;
    private const double Near = 0.1;

    /// <inheritdoc/>
    public static string Name => "continuous-decoder";

    /// <inheritdoc/>
    public static string Claim =>
        "Where the next number is 1 or -1 with equal chance, at least 95% of dreamed ones are within 0.1 of either, half of them each to 3%, after real histories and in dreams of 16 moments; a read-out of mean squared errors says neither.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var world = Train("coin", 16, seed))
            {
                foreach (var (when, values) in new[] { ("after_real", AfterReal(world)), ("dreamed", Dreamed(world)) })
                {
                    verdict.AtLeast($"{when}_near_a_value", seed, Share(values, value => Math.Abs(Math.Abs(value) - 1) <= Near), 0.95);
                    verdict.AtMost($"{when}_off_half", seed, Math.Abs(Share(values, value => value > 0) - 0.5), 0.03);
                }
            }

            using (var world = Train("coin by squares", 1, seed))
            {
                verdict.AtMost("squares_near_a_value", seed, Share(AfterReal(world), value => Math.Abs(Math.Abs(value) - 1) <= Near), 0);
            }
        }

        return verdict.Result();

        LearntWorld Train(string name, int steps, long seed)
        {
            var run = LearntWorld.Run(steps > 1 ? 3000 : 450, lanes: 16, length: 9);
            return LearntWorld.Train(
                name, count => new CoinWorld(count), 100_000, run with { Model = run.Model with { VectorSteps = steps } }, seed, options, progress, cancellation);
        }
    }

    // What would come next at moments of real lives.
    private static ImmutableArray<double> AfterReal(LearntWorld world)
    {
        const int Length = Remembered + Followed;
        var lives = world.Fresh(Lives, Length);
        using var dream = world.Dream(lives, Length, Remembered);
        var (real, answer) = (new MomentBatch(lives.Schema, Lives), new MomentBatch(lives.Schema, Lives));
        var values = ImmutableArray.CreateBuilder<double>();
        for (var t = Remembered; t < Length; t++)
        {
            answer.Clear();
            dream.Ask(answer, answer);
            for (var row = 0; row < Lives; row++)
            {
                values.Add(answer.Vector(0, row)[0]);
                real.Copy(lives, (row * Length) + t, row);
            }

            dream.Prime(real, 1);
        }

        return values.ToImmutable();
    }

    private static ImmutableArray<double> Dreamed(LearntWorld world)
    {
        using var dream = world.Dream(world.Fresh(Lives, Remembered), Remembered, Remembered);
        var (commands, moments) = (new MomentBatch(world.Model.Schema.Motor, Lives), new MomentBatch(world.Model.Schema, Lives));
        var values = ImmutableArray.CreateBuilder<double>();
        for (var t = 0; t < Followed; t++)
        {
            dream.Step(commands, moments);
            for (var row = 0; row < Lives; row++)
            {
                values.Add(moments.Vector(0, row)[0]);
            }
        }

        return values.ToImmutable();
    }

    private static double Share(ImmutableArray<double> values, Func<double, bool> which) => values.Count(which) / (double)values.Length;
}
