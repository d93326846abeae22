// A token to be remembered comes now and then among noise, and is asked for now and then. A lane is one long row whose windows
// follow each other from step to step: needles lie a few moments to a few thousand back, so storing is learnt within a window
// and keeping by windows in which the needle is no longer seen. A row that is measured has one needle, exactly so far back.
using Umwelt.Learning;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Sequences;

internal sealed class Needle(long seed, bool forgets) : SequenceTask(seed)
{
    /// <summary>How far back a measured needle lies.</summary>
    public const int Distance = 2000;

    /// <summary>Moments of a training window.</summary>
    public const int Window = 64;

    /// <summary>Moments of a measured row: the needle stands within the first window, the question so far behind it.</summary>
    public const int Length = ((Distance / Window) + 2) * Window;

    private const int Kinds = 8;
    private const int Noises = 7;
    private const int Question = 15;
    private const int WindowsOfLife = 48;
    private const double ShareOfQuestions = 0.1;
    private const double Shortest = 8;
    private const double Longest = 2500;

    public override int Vocabulary => 16;

    public override double Chance => 1.0 / Kinds;

    public override TextBatch Next(in BatchRequest request)
    {
        var batch = new TextBatch(request.First, request.Rows, request.Length);
        for (var i = 0; i < request.Rows; i++)
        {
            // Lanes begin anew at different steps, and where one stands follows from the step alone.
            var row = request.First + i;
            var (life, window) = Math.DivRem(request.Step + (row * 7), WindowsOfLife);
            batch.Begins[i] = forgets || window == 0 || request.Step == 0;
            var (tokens, targets) = Lane(RandomStream.Of(Seed, row, life), WindowsOfLife * request.Length);
            tokens.AsSpan((int)window * request.Length, request.Length).CopyTo(batch.Tokens.AsSpan(i * request.Length));
            targets.AsSpan((int)window * request.Length, request.Length).CopyTo(batch.Targets.AsSpan(i * request.Length));
        }

        return batch;
    }

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        foreach (ref var token in tokens)
        {
            token = Kinds + random.NextInt32(Noises);
        }

        var place = random.NextInt32(Math.Min(Window, tokens.Length - Distance));
        tokens[place] = random.NextInt32(Kinds);
        tokens[place + Distance] = Question;
        targets[place + Distance] = tokens[place];
    }

    private static (int[] Tokens, int[] Targets) Lane(RandomStream random, int length)
    {
        var (tokens, targets) = (new int[length], new int[length]);
        var (next, needle) = (0.0, -1);
        for (var i = 0; i < length; i++)
        {
            targets[i] = Tensor.IgnoredTarget;
            if (i >= next)
            {
                tokens[i] = needle = random.NextInt32(Kinds);

                // Distances of every size take the same share of time: long ones would otherwise take nearly all of it.
                next = i + (1 / ((1 / Shortest) - (random.NextDouble() * ((1 / Shortest) - (1 / Longest)))));
            }
            else if (random.NextDouble() < ShareOfQuestions)
            {
                (tokens[i], targets[i]) = (Question, needle);
            }
            else
            {
                tokens[i] = Kinds + random.NextInt32(Noises);
            }
        }

        return (tokens, targets);
    }
}
