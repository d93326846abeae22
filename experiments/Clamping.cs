// Claim: one model answers every question about a moment: whichever of its channels are given, the others follow the law they have
// then. A command, a number and a word hang together; each subset of them is clamped in turn. A model that was only ever asked
// what follows a command, and so is a simulator and nothing else, is the control.
using Umwelt.Dreams;
using Umwelt.Learning;
using Umwelt.Moments;

namespace Umwelt;

/// <summary>Each conditional of a joint law of three channels.</summary>
public sealed class Clamping : IExperiment
{
    private const int Lives = 1024;
    private const int Remembered = 4;
    private const int Rounds = 24;
    private const int Channels = 3;
    private const int Subsets = (1 << Channels) - 1; // All but the one with nothing left to ask.

    /// <inheritdoc/>
    public static string Name => "clamping";

    /// <inheritdoc/>
    public static string Claim =>
        "Of a command, a number and a word with a known joint law, any may be clamped and the rest follow their law: total variation at most 0.03 for each subset; a model that was only asked to simulate is off by at least 0.1 where senses are clamped and the command is asked for.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using (var world = Train("all questions", new WorldObjective { Simulate = 0.25, Act = 0.1, Inverse = 0.15, Caption = 0.1, Imagine = 0.1, Independent = 0.3, Reentry = 0 }, seed))
            {
                foreach (var (given, variation) in Variations(world).Index())
                {
                    verdict.AtMost($"given_{NameOf(given)}", seed, variation, 0.03);
                }
            }

            using (var world = Train("simulation alone", new WorldObjective { Simulate = 1, Act = 0, Inverse = 0, Caption = 0, Imagine = 0, Independent = 0, Reentry = 0 }, seed))
            {
                const int Senses = (1 << LawWorld.Tone) | (1 << LawWorld.Word);
                verdict.AtLeast($"simulator_given_{NameOf(Senses)}", seed, Variations(world)[Senses], 0.1);
            }
        }

        return verdict.Result();

        LearntWorld Train(string name, WorldObjective objective, long seed)
        {
            var run = LearntWorld.Run(objective.Independent > 0 ? 2000 : 400, lanes: 24, length: 9);
            run = run with { Objective = objective, Model = run.Model with { VectorSteps = 16 } };
            return LearntWorld.Train(name, count => new LawWorld(count), 200_000, run, seed, options, progress, cancellation);
        }
    }

    private static string NameOf(int given)
    {
        string[] names = ["hand", "tone", "word"];
        return given == 0 ? "nothing" : string.Join("_and_", names.Where((_, channel) => (given >> channel & 1) != 0));
    }

    // For each subset of channels that is given, how far it and what was answered are together from the law. Given values follow the
    // law, so this is the mean over them of how far their conditional is from what it should be.
    private static double[] Variations(LearntWorld world)
    {
        const int Length = Remembered + Rounds;
        var counts = new double[Subsets, LawWorld.Hands, LawWorld.Tones, LawWorld.Words];
        var lives = world.Fresh(Lives, Length);
        using var dream = world.Dream(lives, Length, Remembered);
        var (real, asked) = (new MomentBatch(lives.Schema, Lives), new MomentBatch(lives.Schema, Lives));
        for (var t = Remembered; t < Length; t++)
        {
            for (var row = 0; row < Lives; row++)
            {
                real.Copy(lives, (row * Length) + t, row);
            }

            for (var given = 0; given < Subsets; given++)
            {
                for (var row = 0; row < Lives; row++)
                {
                    asked.Copy(real, row, row);
                    for (var channel = 0; channel < Channels; channel++)
                    {
                        if ((given >> channel & 1) == 0)
                        {
                            asked.SetAbsent(channel, row);
                        }
                    }
                }

                dream.Ask(asked, asked);
                for (var row = 0; row < Lives; row++)
                {
                    var (hand, tone, word) = LawWorld.Read(asked, row);
                    counts[given, hand, tone, word]++;
                }
            }

            dream.Prime(real, 1);
        }

        return [.. Enumerable.Range(0, Subsets).Select(given => Variation(counts, given))];
    }

    private static double Variation(double[,,,] counts, int given)
    {
        var sum = 0.0;
        for (var hand = 0; hand < LawWorld.Hands; hand++)
        {
            for (var tone = 0; tone < LawWorld.Tones; tone++)
            {
                for (var word = 0; word < LawWorld.Words; word++)
                {
                    sum += Math.Abs((counts[given, hand, tone, word] / (Rounds * Lives)) - LawWorld.Chance(hand, tone, word));
                }
            }
        }

        return sum / 2;
    }
}
