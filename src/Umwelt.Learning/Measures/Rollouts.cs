// Dreams with true motors beside what really followed: made once, seen by every measure that compares the two.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

/// <summary>Some dreams and the truth beside them.</summary>
/// <param name="Real">What happened.</param>
/// <param name="Prime">How many real moments were seen.</param>
/// <param name="Horizon">How many were dreamed.</param>
/// <param name="Dreamed">[row, time]: moment 0 follows the last that was seen.</param>
internal sealed record Rollout(Excerpts Real, int Prime, int Horizon, MomentBatch Dreamed)
{
    /// <summary>The row of a dreamed moment; horizon 1 is the first.</summary>
    public int Dream(int row, int horizon) => (row * Horizon) + horizon - 1;

    /// <summary>The row of the real moment at this horizon; horizon 0 is the last that was seen.</summary>
    public int Truth(int row, int horizon) => Real.At(row, Prime + horizon - 1);

    /// <summary>Whether the command that led to the real moment at this horizon moved anything.</summary>
    public bool IsMoving(int row, int horizon) => IsMoving(Real.Moments, Truth(row, horizon));

    public static bool IsMoving(MomentBatch moments, int row)
    {
        var schema = moments.Schema;
        var hasNumbers = false;
        foreach (var m in schema.Motors)
        {
            if (schema.Channels[m] is VectorChannel)
            {
                hasNumbers = true;
                if (moments.Vector(m, row).ContainsAnyExcept(0f))
                {
                    return true;
                }
            }
        }

        return !hasNumbers && schema.Motors.All(m => schema.Channels[m] is not CategoryChannel || moments.Category(m, row) != 0);
    }
}

/// <summary>A measure that sees dreams beside the truth.</summary>
internal abstract class RolloutMeasure
{
    public abstract void See(Rollout rollout);

    public abstract void Report(Findings findings);
}

internal static class Rollouts
{
    private const long Purpose = 0x726f6c6c;

    public static void Run(Examination exam, IReadOnlyList<RolloutMeasure> measures, Findings findings)
    {
        var options = exam.Options;
        var length = options.Prime + options.Horizon;
        var places = exam.Places(options.Rollouts, length, Purpose);
        var done = 0;
        foreach (var real in exam.Batches(places, length, options.Prime))
        {
            var rollout = Dream(exam.Dreamer, real, options.Prime, options.Horizon, options.Seed + done, t => exam.Progress($"dreams beside the truth: {done + (real.Rows * t / options.Horizon)} of {places.Count}"), exam.Cancellation);
            foreach (var measure in measures)
            {
                measure.See(rollout);
            }

            done += real.Rows;
        }

        foreach (var measure in measures)
        {
            measure.Report(findings);
        }
    }

    /// <summary>Dreams on from what was seen, with the commands that were really given.</summary>
    public static Rollout Dream(Dreamer dreamer, Excerpts real, int prime, int horizon, long seed, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var dreamed = new MomentBatch(dreamer.Schema, real.Rows * horizon);
        var commands = new MomentBatch(dreamer.Schema.Motor, real.Rows);
        var moments = new MomentBatch(dreamer.Schema, real.Rows);
        using var dream = dreamer.Begin(real, prime, seed);
        for (var t = 0; t < horizon; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            real.Commands(prime + t, commands);
            dream.Step(commands, moments);
            for (var row = 0; row < real.Rows; row++)
            {
                dreamed.Copy(moments, row, (row * horizon) + t);
            }

            progress?.Invoke(t + 1);
        }

        return new Rollout(real, prime, horizon, dreamed);
    }
}
