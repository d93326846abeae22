// Whether a model knows what the one it watched would do next: the likelihood of real commands in 21 bins under commands that
// the model draws, over that under a Markov model that knows the last command of each number. Both are counts with a little of an
// even spread mixed in.
using System.Globalization;
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal static class MotorGain
{
    private const int Bins = 21;
    private const int Draws = 32;
    private const int Moments = 8;
    private const int Block = 256;
    private const int Blocks = 200;
    private const long Purpose = 0x6d6f746f;

    public static void Run(Examination exam, Findings findings)
    {
        var numbers = Numbers(exam.Schema);
        if (numbers.Count == 0)
        {
            findings.LeaveOut("motor_gain", "there are no commands");
            return;
        }

        var markov = Markov(exam, numbers);
        var prime = exam.Options.Prime;
        var places = exam.Places(exam.Options.Rollouts, prime + Moments, Purpose);
        var groups = new List<long>();
        var gains = new List<double[]>();
        foreach (var real in exam.Batches(places, prime + Moments, prime))
        {
            var commands = new MomentBatch(exam.Schema.Motor, real.Rows);
            var moment = new MomentBatch(exam.Schema, real.Rows);
            var sums = new double[real.Rows][];
            using var dream = exam.Dreamer.Begin(real, prime, exam.Options.Seed);
            for (var t = prime; t < prime + Moments; t++)
            {
                exam.Progress($"motor gain: {groups.Count + (real.Rows * (t - prime) / Moments)} of {places.Count}");
                exam.Cancellation.ThrowIfCancellationRequested();
                var counts = new float[real.Rows, numbers.Count, Bins];
                for (var draw = 0; draw < Draws; draw++)
                {
                    dream.Act(commands, draw);
                    for (var row = 0; row < real.Rows; row++)
                    {
                        for (var i = 0; i < numbers.Count; i++)
                        {
                            counts[row, i, numbers[i].Bin(commands, row, isCommand: true)]++;
                        }
                    }
                }

                for (var row = 0; row < real.Rows; row++)
                {
                    var sum = sums[row] ??= new double[2];
                    for (var i = 0; i < numbers.Count; i++)
                    {
                        var (bins, bin) = (numbers[i].Bins, numbers[i].Bin(real.Moments, real.At(row, t), isCommand: false));
                        var last = numbers[i].Bin(real.Moments, real.At(row, t - 1), isCommand: false);
                        sum[0] += Math.Log((counts[row, i, bin] + (1.0 / bins)) / (Draws + 1)) - Math.Log(markov[i][last, bin]);
                    }

                    sum[1]++;
                }

                real.Copy(t, moment);
                dream.TakeIn(moment);
            }

            groups.AddRange(real.Groups);
            gains.AddRange(sums);
        }

        findings.Add(
            "motor_gain",
            Bootstrap.Of(groups, gains, sums => sums[0] / sums[1]),
            Bar.AboveZero,
            string.Create(CultureInfo.InvariantCulture, $"nats a moment by which {Draws} drawn commands explain real ones better than their last values do, in {Bins} bins"));
    }

    // Transitions of each number between bins, from the episodes that judges learn from.
    private static double[][,] Markov(Examination exam, IReadOnlyList<Number> numbers)
    {
        var counts = numbers.Select(number => new double[number.Bins, number.Bins]).ToArray();
        foreach (var place in Examination.Places(exam.Recording, exam.ForJudges, Blocks, 2, exam.Options.Seed, Purpose))
        {
            var length = (int)Math.Min(Block, place.Episode.Stop - place.First);
            var block = new MomentBatch(exam.Schema.Motor, length);
            exam.Recording.Read(place.First, length, block, 0, [.. exam.Schema.Motors]);
            for (var t = 1; t < length; t++)
            {
                for (var i = 0; i < numbers.Count; i++)
                {
                    if (block.IsPresent(numbers[i].Motor, t - 1))
                    {
                        counts[i][numbers[i].Bin(block, t - 1, isCommand: true), numbers[i].Bin(block, t, isCommand: true)]++;
                    }
                }
            }
        }

        foreach (var table in counts)
        {
            var bins = table.GetLength(0);
            for (var from = 0; from < bins; from++)
            {
                var total = Enumerable.Range(0, bins).Sum(to => table[from, to]);
                for (var to = 0; to < bins; to++)
                {
                    table[from, to] = (table[from, to] + (1.0 / bins)) / (total + 1);
                }
            }
        }

        return counts;
    }

    private static List<Number> Numbers(Schema schema)
    {
        var numbers = new List<Number>();
        for (var m = 0; m < schema.Motors.Length; m++)
        {
            switch (schema.Channels[schema.Motors[m]])
            {
                case VectorChannel vector:
                    numbers.AddRange(Enumerable.Range(0, vector.Size).Select(i => new Number(
                        schema.Motors[m], m, i, MotorGain.Bins, vector.Minimum.IsDefault ? -1 : vector.Minimum[i], vector.Maximum.IsDefault ? 1 : vector.Maximum[i])));
                    break;
                case CategoryChannel { Count: <= MotorGain.Bins } category:
                    numbers.Add(new Number(schema.Motors[m], m, -1, category.Count, 0, category.Count - 1));
                    break;
                default:
                    break;
            }
        }

        return numbers;
    }

    /// <summary>A number of a command, or a category, and its bins.</summary>
    private sealed record Number(int Channel, int Motor, int Index, int Bins, float Minimum, float Maximum)
    {
        public int Bin(MomentBatch moments, int row, bool isCommand)
        {
            var channel = isCommand ? Motor : Channel;
            return Index < 0
                ? moments.Category(channel, row)
                : (int)Math.Clamp(Math.Round((moments.Vector(channel, row)[Index] - Minimum) / Math.Max(1e-9f, Maximum - Minimum) * (Bins - 1)), 0, Bins - 1);
        }
    }
}
