// Keeps or leaves out episodes by words that their text holds.
using System.Text;
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Leaves out episodes whose text holds none of some phrases, or any of others.</summary>
/// <param name="Channel">The text channel.</param>
public sealed record TextStep(string Channel) : CurationStep
{
    /// <summary>An episode must hold one of these; case does not matter.</summary>
    public IReadOnlyList<string> Any { get; init; } = [];

    /// <summary>An episode must hold none of these; case does not matter.</summary>
    public IReadOnlyList<string> None { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "text";

    internal override void Validate(Schema schema)
    {
        Find<TextChannel>(schema, Channel);
        if (Any.Count + None.Count == 0)
        {
            throw new ArgumentException("neither 'any' nor 'none' lists a phrase");
        }
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var channel = Find<TextChannel>(verdicts.Recording.Schema, Channel);
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = new List<byte>();
            verdicts.ForEach(episode, block, (_, row) =>
            {
                bytes.AddRange(block.Text(channel, row));
                bytes.Add((byte)'\n');
            });
            var text = Encoding.UTF8.GetString([.. bytes]);
            if (None.FirstOrDefault(phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase)) is { } unwanted)
            {
                verdicts.RemoveEpisode(episode, $"'{Channel}' holds \"{unwanted}\"");
            }
            else if (Any.Count > 0 && !Any.Any(phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase)))
            {
                verdicts.RemoveEpisode(episode, $"'{Channel}' holds none of the phrases");
            }
        }
    }
}
