// What somebody who learns in a dream looks at instead of pictures, and how a dream goes on for them: no end is drawn, how
// probable it was is said instead, so that a future counts as far as it is probable.
using Umwelt.Moments;

namespace Umwelt.Models;

public sealed partial class Dream
{
    /// <summary>Numbers of what a row remembers.</summary>
    internal int FeatureCount => _body.FeatureCount;

    /// <summary>Writes what rows remember, [rows, <see cref="FeatureCount"/>].</summary>
    internal void ReadFeatures(Span<float> features)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(features.Length, Count * FeatureCount, nameof(features));
        _body.ReadFeatures(features);
    }

    /// <summary>Lets a row draw other chances from here on; what it remembers stays.</summary>
    internal void Reseed(int row, long seed) => _body.Reseed(row, SeedOf(seed));

    /// <summary>Lets commands lead to what follows if no episode ends, and says how probable an end was.</summary>
    /// <param name="moments">With a command in each row; become whole moments but for what is only perceived.</param>
    /// <param name="ends">Becomes how probable each row's end was; 0 in a world without one.</param>
    internal void GoOnAlive(MomentBatch moments, Span<float> ends)
    {
        Check(moments, Count, nameof(moments));
        ends.Clear();
        if (Schema.End is not { } end)
        {
            Continue(moments);
            return;
        }

        for (var row = 0; row < Count; row++)
        {
            moments.SetPresent(end, row);
            moments.Category(end, row) = 0;
        }

        Continue(moments);
        _body.ReadEndChances(end, ends);
    }
}
