// Whoever is measured: a model, or one of the two controls that show that a measure measures. The truth itself must pass
// everything; copying the last moment must fail wherever there is something to know.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal abstract class Dreamer
{
    public abstract string Name { get; }

    public abstract Schema Schema { get; }

    /// <summary>Rows that remember the beginning of each excerpt and nothing else.</summary>
    /// <param name="real">What happened; a model sees no more of it than it is primed with.</param>
    /// <param name="prime">How many moments are seen; 0 for none.</param>
    /// <param name="seed">Decides whatever is drawn.</param>
    /// <param name="visible">Which channels are seen; null for all.</param>
    public abstract DreamRows Begin(Excerpts real, int prime, long seed, bool[]? visible = null);
}

/// <summary>Dreams side by side that have begun.</summary>
internal abstract class DreamRows : IDisposable
{
    /// <summary>Whether moments come with what is only perceived; what costs much is left out otherwise.</summary>
    public virtual bool Renders { get; set; } = true;

    /// <summary>What follows these commands.</summary>
    public abstract void Step(MomentBatch commands, MomentBatch moments);

    /// <summary>What the rows would do next, another chance for each draw; they stay where they are.</summary>
    public abstract void Act(MomentBatch commands, long draw = 0);

    /// <summary>What really happened next.</summary>
    public abstract void TakeIn(MomentBatch moments);

    /// <summary>The next moment, where some of it is given; the rows stay where they are.</summary>
    public abstract void Ask(MomentBatch given, MomentBatch answer);

    /// <summary>How surprising the next moment is, [row, channel], more for more; NaN where a channel is absent.</summary>
    public abstract void Surprise(MomentBatch next, Span<double> scores);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
