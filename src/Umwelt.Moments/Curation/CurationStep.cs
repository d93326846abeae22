// One step of a pipeline that chooses what of a recording is worth learning from. Steps are data: a JSON file lists them, each
// decides on what those before it left, and every decision is kept with its reason.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>One step of a curation.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DuplicateTextStep), "duplicate-text")]
[JsonDerivedType(typeof(DuplicateEpisodesStep), "duplicate-episodes")]
[JsonDerivedType(typeof(StaticStep), "static")]
[JsonDerivedType(typeof(ClippedStep), "clipped")]
[JsonDerivedType(typeof(LengthStep), "length")]
[JsonDerivedType(typeof(RangeStep), "range")]
[JsonDerivedType(typeof(TextStep), "text")]
[JsonDerivedType(typeof(QualityStep), "quality")]
public abstract record CurationStep
{
    /// <summary>Moments that are read at once.</summary>
    internal const int Block = 64;

    /// <summary>The name of the step's kind, as in files.</summary>
    [JsonIgnore]
    public abstract string Kind { get; }

    /// <summary>Throws <see cref="SchemaException"/> or <see cref="ArgumentException"/> if the step can't be made on this schema.</summary>
    internal abstract void Validate(Schema schema);

    /// <summary>Decides.</summary>
    internal abstract void Run(Verdicts verdicts, CancellationToken cancellation);

    /// <summary>The place of a channel of some kind.</summary>
    private protected static int Find<TChannel>(Schema schema, string channel)
        where TChannel : Channel
    {
        var index = schema.IndexOf(channel);
        return schema.Channels[index] is TChannel
            ? index
            : throw new SchemaException(channel, $"it holds {schema.Channels[index].Kind.ToString().ToLowerInvariant()}; this step takes {typeof(TChannel).Name.Replace("Channel", "", StringComparison.Ordinal).ToLowerInvariant()}");
    }

    private protected static void RequirePositive(double value, string name)
    {
        if (!(value > 0))
        {
            throw new ArgumentException($"'{name}' is {value}; it must be above 0");
        }
    }

    private protected static void RequireShare(double value, string name)
    {
        if (!(value is > 0 and <= 1))
        {
            throw new ArgumentException($"'{name}' is {value}; it is a share above 0 and up to 1");
        }
    }

    /// <summary>Cuts out each run of moments that are marked and last so long.</summary>
    private protected static void RemoveRuns(Verdicts verdicts, Func<MomentBatch, int, bool, bool> isMarked, long least, string why, CancellationToken cancellation)
    {
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            var runs = new List<Stretch>();
            var start = -1L;
            var before = -1L;
            verdicts.ForEach(episode, block, (moment, row) =>
            {
                var continues = before >= 0 && moment == before + 1;
                if (isMarked(block, row, continues))
                {
                    if (start < 0 || !continues)
                    {
                        End();
                        start = moment;
                    }
                }
                else
                {
                    End();
                }

                before = moment;
            });
            End();
            foreach (var run in runs)
            {
                verdicts.Remove(episode, run, $"{why} for {run.Length} moments");
            }

            void End()
            {
                if (start >= 0 && before + 1 - start >= least)
                {
                    runs.Add(new Stretch(start, before + 1));
                }

                start = -1;
            }
        }
    }
}
