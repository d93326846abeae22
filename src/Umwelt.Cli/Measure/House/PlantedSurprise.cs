// Things that can't be, planted into the real house: a wall of another colour, a bell that does not ring, commands that work the
// other way round. Each planted stretch has its untouched twin from the same place; stretches from elsewhere say what is usual.
using System.Globalization;
using System.Text;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal static class PlantedSurprise
{
    private const int Length = 40;
    private const int BellLead = 8;
    private const int Moves = 15;
    private const int Trials = 12;
    private const string BellWords = "the bell rings";
    private const long Purpose = 0x73757270;

    private enum Planted
    {
        Nothing,
        Wall,
        Bell,
        Motor,
    }

    public static void Run(Examination exam, HouseReplay replay, Findings findings)
    {
        var prime = exam.Options.Prime;
        var count = Math.Max(8, exam.Options.Rollouts / 4);
        var usual = new List<double[]>();
        foreach (var real in exam.Batches(exam.Places(count, prime + Length, Purpose), prime + Length, prime))
        {
            exam.Progress($"usual surprise: {usual.Count} of {count}");
            usual.AddRange(SurpriseScores.Of(exam, real, prime));
        }

        var (means, deviations) = SurpriseScores.Usual(usual);
        var areas = new List<(string Name, Estimate Area)>();
        foreach (var kind in new[] { Planted.Wall, Planted.Bell, Planted.Motor })
        {
            var name = kind.ToString().ToLowerInvariant();
            var (groups, planted, untouched) = (new List<long>(), new List<double>(), new List<double>());
            foreach (var real in Fitting(exam, prime, count, kind))
            {
                exam.Progress($"surprise, {name}: {groups.Count} of {count}");
                var twin = With(replay, real, prime, Planted.Nothing);
                planted.AddRange(SurpriseScores.Of(exam, With(replay, real, prime, kind), prime).Select(signs => SurpriseScores.Height(signs, means, deviations)));
                untouched.AddRange(SurpriseScores.Of(exam, twin, prime).Select(signs => SurpriseScores.Height(signs, means, deviations)));
                groups.AddRange(real.Groups);
            }

            if (groups.Count == 0)
            {
                findings.LeaveOut($"surprise_auc_{name}", "no fitting place was found");
                continue;
            }

            var area = AreaOf(groups, planted, untouched);
            areas.Add((name, area));
            findings.Add($"surprise_auc_{name}", area, null, string.Create(CultureInfo.InvariantCulture, $"chance that one of {planted.Count} planted stretches ({Meaning(kind)}) surprises more than an untouched one"));
        }

        if (areas.Count > 0)
        {
            var worst = areas.MinBy(entry => entry.Area.Value);
            findings.Add("surprise_auc", worst.Area, Bar.AtLeast(0.9), $"the worst of them: {worst.Name}");
        }
    }

    private static string Meaning(Planted kind) => kind switch
    {
        Planted.Wall => "the walls of the room change their colour",
        Planted.Bell => "a bell that is due is neither heard nor told of",
        _ => "commands work the other way round",
    };

    // By drawing episodes again: each draw counts the chance among the stretches drawn.
    private static Estimate AreaOf(List<long> groups, List<double> planted, List<double> untouched)
    {
        var items = Enumerable.Range(0, groups.Count).Select(i =>
        {
            var weights = new double[groups.Count];
            weights[i] = 1;
            return weights;
        }).ToArray();
        return Bootstrap.Of(groups, items, weights =>
        {
            double sum = 0, pairs = 0;
            for (var i = 0; i < weights.Length; i++)
            {
                for (var j = 0; j < weights.Length && weights[i] > 0; j++)
                {
                    sum += weights[i] * weights[j] * (planted[i] > untouched[j] ? 1 : planted[i] < untouched[j] ? 0 : 0.5);
                    pairs += weights[i] * weights[j];
                }
            }

            return pairs > 0 ? sum / pairs : double.NaN;
        });
    }

    // Batches of places at which a thing can be planted: a bell is due, or the body moves.
    private static IEnumerable<Excerpts> Fitting(Examination exam, int prime, int count, Planted kind)
    {
        var fitting = new List<Place>();
        for (var trial = 0; trial < Trials && fitting.Count < count; trial++)
        {
            foreach (var real in exam.Batches(exam.Places(count, prime + Length, Purpose + ((int)kind * 100) + trial), prime + Length, prime))
            {
                for (var row = 0; row < real.Rows && fitting.Count < count; row++)
                {
                    if (Fits(real, row, prime, kind) && !fitting.Contains(real.Places[row]))
                    {
                        fitting.Add(real.Places[row]);
                    }
                }
            }
        }

        return exam.Batches([.. fitting.OrderBy(place => place.First)], prime + Length, prime);
    }

    private static bool Fits(Excerpts real, int row, int prime, Planted kind) => kind switch
    {
        Planted.Bell => ((HouseTruth)real.States[row]!).UntilBell is > BellLead and < Length - (2 * BellLead),
        Planted.Motor => Enumerable.Range(prime, Length).Count(t => Rollout.IsMoving(real.Moments, real.At(row, t))) >= Moves,
        _ => true,
    };

    private static Excerpts With(HouseReplay replay, Excerpts real, int prime, Planted kind)
    {
        var result = new Excerpts(real.Moments.Schema, real.Rows, real.Length);
        using var world = new HouseWorld(real.Rows, replay.Options);
        var commands = new MomentBatch(world.Schema.Motor, real.Rows);
        var moments = new MomentBatch(world.Schema, real.Rows);
        for (var row = 0; row < real.Rows; row++)
        {
            (result.Groups[row], result.Places[row], result.States[row]) = (real.Groups[row], real.Places[row], real.States[row]);
            var truth = (HouseTruth)real.States[row]!;
            world.Reset(row, 0, moments);
            world.Restore(row, truth);
            Plant(world, row, truth, kind);
            for (var t = 0; t < prime; t++)
            {
                result.Moments.Copy(real.Moments, real.At(row, t), result.At(row, t));
            }
        }

        var words = world.Schema.IndexOf("speech");
        for (var t = prime; t < real.Length; t++)
        {
            real.Commands(t, commands);
            world.Step(commands, moments);
            for (var row = 0; row < real.Rows; row++)
            {
                if (kind == Planted.Bell && Encoding.UTF8.GetString(moments.Text(words, row)) is var text && text.Contains(BellWords, StringComparison.Ordinal))
                {
                    moments.SetText(words, row, string.Join(", ", text.Split(", ").Where(part => part != BellWords)));
                }

                result.Moments.Copy(moments, row, result.At(row, t));
            }
        }

        return result;
    }

    private static void Plant(HouseWorld world, int row, HouseTruth truth, Planted kind)
    {
        switch (kind)
        {
            case Planted.Wall:
                var rooms = truth.Map.Rooms;
                var others = rooms.Where(name => name != truth.RoomName).ToArray();
                world.Repaint(row, truth.Room, others[truth.Clock % others.Length]);
                break;
            case Planted.Bell:
                world.Silence(row, HouseSilence.Bell);
                break;
            case Planted.Motor:
                world.ReverseMotor(row, true);
                break;
            default:
                break;
        }
    }
}
