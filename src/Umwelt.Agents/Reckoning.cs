// What a policy learnt in dreams expects of the next moments, beside what comes: from the same first moments it is let loose in its
// model and in the world. A policy that was learnt in a wrong model shows here, however well it does in its dreams.
using Umwelt.Learning.Measures;
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>What was expected and what came, an episode each.</summary>
/// <param name="Predicted">What the goal scores in the model's dreams.</param>
/// <param name="Real">What it scores in the world.</param>
public sealed record Reckoning(IReadOnlyList<double> Predicted, IReadOnlyList<double> Real)
{
    private const double Tolerated = 0.1;

    /// <summary>By how much more is expected than comes, in the mean.</summary>
    public double Gap => Estimated.Value;

    /// <summary>The least that it is, with 95% confidence over episodes.</summary>
    public double GapLow => Estimated.Low;

    /// <summary>The most that it is.</summary>
    public double GapHigh => Estimated.High;

    /// <summary>Whether the model is wrong about the policy: more than a tenth off, beyond doubt.</summary>
    public bool IsWrong
    {
        get
        {
            var bar = Tolerated * Math.Max(1, Real.Average(Math.Abs));
            return GapLow > bar || GapHigh < -bar;
        }
    }

    private Estimate Estimated => Bootstrap.Mean([.. Enumerable.Range(0, Real.Count).Select(static i => (long)i)], [.. Predicted.Zip(Real, static (predicted, real) => predicted - real)]);

    /// <summary>Compares.</summary>
    /// <param name="world">Of the policy's schema, each row an episode at a time; it stays the caller's.</param>
    /// <param name="policy">Acts here and there.</param>
    /// <param name="seeds">What episodes begin with.</param>
    /// <param name="length">Moments of each, at most.</param>
    /// <param name="goal">What counts; null for the world's reward.</param>
    /// <param name="cancellation">Stops it.</param>
    public static Reckoning Of(World world, DreamtPolicy policy, IReadOnlyList<long> seeds, int length, MomentScores? goal = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        goal ??= Goals.Reward(world.Schema);
        var predicted = new List<double>();
        for (var first = 0; first < seeds.Count; first += world.Count)
        {
            predicted.AddRange(Predict(world, policy, [.. seeds.Skip(first).Take(world.Count)], length, goal, cancellation));
        }

        var real = Trial.Run(world, policy, seeds, length, goal, cancellation: cancellation);
        return new Reckoning(predicted, [.. real.Select(static episode => episode.Return)]);
    }

    // Begins with what really is first, and goes on in the dream alone.
    private static double[] Predict(World world, DreamtPolicy policy, long[] seeds, int length, MomentScores goal, CancellationToken cancellation)
    {
        var schema = world.Schema;
        var (moments, rows) = (new MomentBatch(schema, world.Count), new bool[seeds.Length]);
        var (dreamed, commands) = (new MomentBatch(schema, seeds.Length), new MomentBatch(schema.Motor, seeds.Length));
        var (sums, scores, counts, ends) = (new double[seeds.Length], new double[seeds.Length], new double[seeds.Length], new float[seeds.Length]);
        using var dream = policy.Model.Dream(0, seeds.Length);
        dream.Renders = false;
        for (var row = 0; row < seeds.Length; row++)
        {
            world.Reset(row, seeds[row], moments);
            policy.Begin(row, Storage.RandomStream.Of(seeds[row], 0x64726d));
            dream.Forget(row, seeds[row]);
            dreamed.Copy(moments, row, row);
            (rows[row], counts[row]) = (true, moments.Endings[row] == Ending.None ? 1 : 0);
        }

        dream.Prime(dreamed, 1);
        for (var t = 0; t < length; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            policy.Choose(dream, commands, rows);
            dreamed.Clear();
            for (var row = 0; row < seeds.Length; row++)
            {
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    dreamed.Copy(commands, m, row, schema.Motors[m], row);
                }
            }

            dream.GoOnAlive(dreamed, ends);
            goal(dreamed, rows, scores);
            for (var row = 0; row < seeds.Length; row++)
            {
                sums[row] += counts[row] * scores[row];
                counts[row] *= 1 - ends[row];
            }
        }

        return sums;
    }
}
