// One row of a batch under the name the design gives it: what was perceived and done in one tick.
using System.Text;

namespace Umwelt.Moments;

/// <summary>What was perceived and done in one tick: a view of one row of a batch, which owns the values.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Row">The row.</param>
public readonly record struct Moment(MomentBatch Batch, int Row)
{
    /// <summary>Whether the episode stops with this moment.</summary>
    public Ending Ending => Batch.Endings[Row];

    /// <summary>Whether this moment has the channel.</summary>
    public bool Has(string channel) => Batch.IsPresent(Batch.Schema.IndexOf(channel), Row);

    /// <summary>The bytes of an image channel, [height, width, colours].</summary>
    public Span<byte> Image(string channel) => Batch.Image(Batch.Schema.IndexOf(channel), Row);

    /// <summary>The samples of a sound channel, [samples, ears].</summary>
    public Span<short> Sound(string channel) => Batch.Sound(Batch.Schema.IndexOf(channel), Row);

    /// <summary>The floats of a vector channel.</summary>
    public Span<float> Vector(string channel) => Batch.Vector(Batch.Schema.IndexOf(channel), Row);

    /// <summary>The number of a category channel.</summary>
    public ref int Category(string channel) => ref Batch.Category(Batch.Schema.IndexOf(channel), Row);

    /// <summary>The text of a channel.</summary>
    public string Text(string channel) => Encoding.UTF8.GetString(Batch.Text(Batch.Schema.IndexOf(channel), Row));
}
