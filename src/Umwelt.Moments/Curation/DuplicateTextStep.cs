// Leaves out episodes whose text nearly repeats an earlier one's: compares sets of runs of words, by signatures.
using System.Text;
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Leaves out episodes whose text is nearly that of an earlier one.</summary>
/// <param name="Channel">The text channel.</param>
/// <param name="Threshold">The share of common runs of words from which two texts count as one.</param>
/// <param name="Words">Words in a run.</param>
public sealed record DuplicateTextStep(string Channel, double Threshold = 0.8, int Words = 5) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "duplicate-text";

    internal override void Validate(Schema schema)
    {
        Find<TextChannel>(schema, Channel);
        RequireShare(Threshold, "threshold");
        RequirePositive(Words, "words");
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var channel = Find<TextChannel>(verdicts.Recording.Schema, Channel);
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        var similar = new SimilarSets(Threshold);
        var set = new MinHash();
        var text = new List<byte>();
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            text.Clear();
            verdicts.ForEach(episode, block, (_, row) => text.AddRange(block.Text(channel, row)));
            set.Clear();
            AddRuns(set, Encoding.UTF8.GetString([.. text]), Words);
            if (!set.IsEmpty)
            {
                similar.Add(episode, set.Signature());
            }
        }

        foreach (var (episode, (original, similarity)) in similar.Copies())
        {
            verdicts.RemoveEpisode(episode, FormattableString.Invariant($"its text is {similarity:P0} that of episode {original}"));
        }
    }

    /// <summary>Adds each run of so many words, whatever their case and what stands between them; a shorter text is one run.</summary>
    internal static void AddRuns(MinHash set, string text, int words)
    {
        var hashes = new List<ulong>();
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                start = start < 0 ? i : start;
            }
            else if (start >= 0)
            {
                hashes.Add(MinHash.Hash(Encoding.UTF8.GetBytes(text[start..i].ToLowerInvariant())));
                start = -1;
            }
        }

        for (var i = 0; hashes.Count > 0 && i <= Math.Max(0, hashes.Count - words); i++)
        {
            var run = 0UL;
            for (var j = i; j < Math.Min(hashes.Count, i + words); j++)
            {
                run = MinHash.Mix(run + hashes[j] + 0x9e3779b97f4a7c15);
            }

            set.Add(run);
        }
    }
}
