// Whether a model says what is to be said: it is given what is seen and heard, or what is heard alone, and nothing else, and
// asked for the words of each moment. Words count where they are exactly those that were said, at most a moment early or late.
using System.Text;
using Umwelt.Moments;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal static class Captions
{
    private const int Prime = 40;
    private const int Length = 100;
    private const int Late = 1;
    private const int MostTexts = 40;
    private const long Purpose = 0x63617074;

    public static void Run(Examination exam, Findings findings)
    {
        if (exam.First<TextChannel>() is not { } words)
        {
            findings.LeaveOut("speech", "there are no words");
            return;
        }

        var channels = exam.Schema.Channels;
        var senses = channels.Select(channel => channel.Role == ChannelRole.Sense && channel is not TextChannel).ToArray();
        var heard = channels.Select(channel => channel is SoundChannel && channel.Role == ChannelRole.Sense).ToArray();
        if (senses.Contains(true))
        {
            Run(exam, findings, words, senses, "caption_f1", "words from what is seen and heard: F1 of non-empty, exact words, at most a moment off");
        }

        if (heard.Contains(true))
        {
            Run(exam, findings, words, heard, "transcribe", "the same from hearing alone");
        }
    }

    private static void Run(Examination exam, Findings findings, int words, bool[] visible, string key, string meaning)
    {
        var places = exam.Places(exam.Options.Rollouts, Prime + Length, Purpose);
        var groups = new List<long>();
        var counts = new List<double[]>();
        var tally = new SortedDictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var real in exam.Batches(places, Prime + Length, Prime))
        {
            var given = new MomentBatch(exam.Schema, real.Rows);
            var answer = new MomentBatch(exam.Schema, real.Rows);
            var (said, actual) = (Lists(real.Rows), Lists(real.Rows));
            using var dream = exam.Dreamer.Begin(real, Prime, exam.Options.Seed, visible);
            for (var t = Prime; t < Prime + Length; t++)
            {
                exam.Progress($"{key}: {groups.Count + (real.Rows * (t - Prime) / Length)} of {places.Count}");
                exam.Cancellation.ThrowIfCancellationRequested();
                real.Copy(t, given, visible);
                dream.Ask(given, answer);
                for (var row = 0; row < real.Rows; row++)
                {
                    Note(said[row], t, answer.Text(words, row));
                    Note(actual[row], t, real.Moments.Text(words, real.At(row, t)));
                }

                dream.TakeIn(given);
            }

            for (var row = 0; row < real.Rows; row++)
            {
                groups.Add(real.Groups[row]);
                counts.Add(Match(actual[row], said[row], tally));
            }
        }

        if (counts.Sum(sums => sums[1]) == 0)
        {
            findings.LeaveOut(key, "nothing was said in what was looked at");
            return;
        }

        findings.Add(key, Bootstrap.Of(groups, counts, sums => 2 * sums[0] / (sums[1] + sums[2])), Bar.AtLeast(0.9), meaning);
        findings.Show(page => Draw(page, key, meaning, tally));
    }

    /// <summary>How many words were said rightly, how many were to be said, and how many were said.</summary>
    private static double[] Match(List<(int Time, string Text)> wanted, List<(int Time, string Text)> said, SortedDictionary<string, int[]> tally)
    {
        var used = new bool[said.Count];
        var right = 0;
        foreach (var (time, text) in wanted)
        {
            var found = Enumerable.Range(0, said.Count).Where(i => !used[i] && said[i].Text == text && Math.Abs(said[i].Time - time) <= Late).OrderBy(i => Math.Abs(said[i].Time - time)).DefaultIfEmpty(-1).First();
            if (found >= 0)
            {
                used[found] = true;
                right++;
            }

            Count(text, found >= 0 ? 0 : 1);
        }

        for (var i = 0; i < said.Count; i++)
        {
            if (!used[i])
            {
                Count(said[i].Text, 2);
            }
        }

        return [right, wanted.Count, said.Count];

        void Count(string text, int what)
        {
            if (!tally.TryGetValue(text, out var counts))
            {
                tally.Add(text, counts = new int[3]);
            }

            counts[what]++;
        }
    }

    private static void Draw(HtmlReport page, string key, string meaning, SortedDictionary<string, int[]> tally)
    {
        page.Section($"Words: {key}", meaning);
        page.Table(
            ["words", "said rightly", "missed", "said wrongly"],
            [.. tally.OrderByDescending(entry => entry.Value.Sum()).Take(MostTexts).Select(entry => (IReadOnlyList<string>)[entry.Key, $"{entry.Value[0]}", $"{entry.Value[1]}", $"{entry.Value[2]}"])]);
    }

    private static List<(int Time, string Text)>[] Lists(int rows) => [.. Enumerable.Range(0, rows).Select(_ => new List<(int, string)>())];

    private static void Note(List<(int Time, string Text)> list, int time, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            list.Add((time, Encoding.UTF8.GetString(text)));
        }
    }
}
