// What a session's row of a dream knows of itself beside what the model remembers: how it began, whether the truth still runs
// beside it, and which senses are the truth's, held at nothing, or its own.
using Umwelt.Server.Internal.Play;

namespace Umwelt.Server.Internal.Dreams;

internal sealed class DreamRow(int channels)
{
    /// <summary>How its next episode begins.</summary>
    public string Start { get; set; } = DreamStart.Nothing;

    /// <summary>Whether the truth runs beside it.</summary>
    public bool IsReal { get; set; }

    /// <summary>The seed of its episode.</summary>
    public long Seed { get; set; }

    /// <summary>What another model would remember, where models may be exchanged: the truth while it runs beside, else what was
    /// dreamed; null where models stay.</summary>
    public LivedMoments? Lived { get; init; }

    /// <summary>Channels that are the truth's.</summary>
    public bool[] Given { get; } = new bool[channels];

    /// <summary>Channels that are held at nothing: darkness, silence, no word.</summary>
    public bool[] Held { get; } = new bool[channels];

    /// <summary>What clients have said the next moment holds; null for nothing.</summary>
    public ChannelValues? Clamped { get; set; }

    /// <summary>Whether anything of the truth is sensed.</summary>
    public bool IsAwake => IsReal && Given.AsSpan().Contains(true);

    public void Become(DreamRow other)
    {
        (Start, IsReal, Seed) = (other.Start, other.IsReal, other.Seed);
        Lived?.Become(other.Lived!);
        Clamped = null;
        other.Given.CopyTo(Given, 0);
        other.Held.CopyTo(Held, 0);
    }

    /// <summary>Lets it dream by itself, or gives it all that is true.</summary>
    public void Give(bool everything)
    {
        Given.AsSpan().Fill(everything);
        Held.AsSpan().Clear();
        Clamped = null;
    }
}
