// Whether words call up pictures: a model that remembers nothing is given the name of a room, and a judge that learnt from real
// pictures names the room of the picture that comes.
using System.Globalization;
using System.Text;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal static class Imagine
{
    private const int Every = 3;
    private const int MostPictures = 9000;

    public static void Run(Examination exam, HouseReplay replay, Findings findings)
    {
        if (exam.ForJudges.Count == 0)
        {
            findings.LeaveOut("imagine", "no episode is left for a judge to learn from; lower --held-out");
            return;
        }

        var sight = exam.Schema.IndexOf("sight");
        var words = exam.Schema.IndexOf("speech");
        var names = new List<string>();
        using var judge = Train(exam, replay, sight, names, out var input);
        var places = Named(exam, words, names);
        if (places.Count == 0)
        {
            findings.LeaveOut("imagine", "no room is named in what was held out");
            return;
        }

        var visible = new bool[exam.Schema.Channels.Length];
        var (groups, right, real) = (new List<long>(), new List<double>(), new List<double>());
        var confusion = new int[names.Count, names.Count];
        foreach (var excerpts in exam.Batches([.. places.Select(found => found.Place)], 2, 1))
        {
            exam.Progress($"imagining rooms: {groups.Count} of {places.Count}");
            var given = new MomentBatch(exam.Schema, excerpts.Rows);
            var answer = new MomentBatch(exam.Schema, excerpts.Rows);
            var wanted = new int[excerpts.Rows];
            for (var row = 0; row < excerpts.Rows; row++)
            {
                given.Copy(excerpts.Moments, words, excerpts.At(row, 1), words, row);
                wanted[row] = names.IndexOf(Encoding.UTF8.GetString(given.Text(words, row)));
            }

            using var dream = exam.Dreamer.Begin(excerpts, 1, exam.Options.Seed + groups.Count, visible);
            dream.Ask(given, answer);
            var said = judge.Say(excerpts.Rows, (item, grid, _) => input.Write(0, answer.Image(sight, item), grid));
            var seen = judge.Say(excerpts.Rows, (item, grid, _) => input.Write(0, excerpts.Moments.Image(sight, excerpts.At(item, 1)), grid));
            for (var row = 0; row < excerpts.Rows; row++)
            {
                var (room, truly) = (Most(said, row, names.Count), Most(seen, row, names.Count));
                groups.Add(excerpts.Groups[row]);
                right.Add(room == wanted[row] ? 1 : 0);
                real.Add(truly == wanted[row] ? 1 : 0);
                confusion[wanted[row], room]++;
            }
        }

        findings.Add("imagine", Bootstrap.Mean(groups, right), Bar.AtLeast(0.8), string.Create(CultureInfo.InvariantCulture, $"share of {groups.Count} names of rooms whose imagined picture a judge names so"));
        findings.Add("imagine_real", Bootstrap.Mean(groups, real), null, "the judge's share of right names for real pictures of the same moments");
        findings.Show(page =>
        {
            page.Section("Rooms imagined from their names", "The name that was given, and what a judge takes the picture for.");
            page.Table(["given", .. names], [.. names.Select((name, i) => (IReadOnlyList<string>)[name, .. Enumerable.Range(0, names.Count).Select(j => $"{confusion[i, j]}")])]);
        });
    }

    private static Judge Train(Examination exam, HouseReplay replay, int sight, List<string> names, out PictureInput input)
    {
        var image = (ImageChannel)exam.Schema.Channels[sight];
        var pictures = new List<byte[]>();
        var rooms = new List<int>();
        var state = new HouseTruth();
        var episodes = exam.ForJudges.ToArray();
        foreach (var episode in episodes.TakeWhile(_ => pictures.Count < MostPictures))
        {
            exam.Cancellation.ThrowIfCancellationRequested();
            exam.Progress($"looking at real rooms: {pictures.Count}");
            replay.Walk(episode, episode.Length, (t, world, moment) =>
            {
                if (t % Every != 0)
                {
                    return;
                }

                world.Read(0, state);
                if (!names.Contains(state.RoomName))
                {
                    names.Add(state.RoomName);
                }

                pictures.Add(moment.Image(sight, 0).ToArray());
                rooms.Add(names.IndexOf(state.RoomName));
            });
        }

        var pixels = input = new PictureInput(image, 1);
        var judge = new Judge(input.Height, input.Width, input.Channels, Math.Max(1, names.Count), JudgeKind.Classes, exam.Options.Seed);
        var steps = exam.Options.JudgeSteps;
        judge.Train(
            pictures.Count,
            steps,
            (item, grid, targets) =>
            {
                pixels.Write(0, pictures[item], grid);
                targets[0] = rooms[item];
            },
            step => exam.Progress($"a judge learns real rooms: step {step} of {steps}"),
            exam.Cancellation);
        return judge;
    }

    // The moments in which the voice finishes the name of a room, and nothing else is said.
    private static List<(Place Place, string Name)> Named(Examination exam, int words, List<string> names)
    {
        var found = new List<(Place, string)>();
        var spoken = new Schema(exam.Schema.Rate, exam.Schema.Channels[words]);
        foreach (var episode in exam.Measured)
        {
            var texts = new MomentBatch(spoken, (int)episode.Length);
            exam.Recording.Read(episode.Start, (int)episode.Length, texts, 0, [words]);
            for (var t = 1; t < episode.Length; t++)
            {
                if (!texts.Text(0, t).IsEmpty && Encoding.UTF8.GetString(texts.Text(0, t)) is var text && names.Contains(text))
                {
                    found.Add((new Place(episode, episode.Start + t - 1), text));
                }
            }
        }

        return [.. found.Where((_, i) => i % Math.Max(1, found.Count / exam.Options.Rollouts) == 0).Take(exam.Options.Rollouts)];
    }

    private static int Most(float[] said, int row, int count)
    {
        var scores = said.AsSpan(row * count, count);
        var best = 0;
        for (var i = 1; i < count; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }

        return best;
    }
}
