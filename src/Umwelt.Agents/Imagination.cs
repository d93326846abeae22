// Where a planner tries futures: the present of each row, kept up to date by what really happens, and copies of it that go
// their own ways. In a dream of a model the present is what the model remembers; a world that can be copied is its own.
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>The present of a world's rows, from which futures are imagined.</summary>
public sealed class Imagination : IDisposable
{
    private readonly Dream? _dream;
    private readonly World _present;

    private Imagination(World present, Dream? dream) => (_present, _dream) = (present, dream);

    /// <summary>What moments hold.</summary>
    public Schema Schema => _present.Schema;

    /// <summary>How many rows of a world it follows.</summary>
    public int Count => _present.Count;

    /// <summary>Futures dreamed by a model, which stays the caller's and must live as long.</summary>
    /// <param name="model">Of the schema of the world acted in.</param>
    /// <param name="rows">How many rows that world has.</param>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    /// <param name="renders">Whether futures come with pictures, sound and words: what goals that look at them need, at many times the cost.</param>
    public static Imagination OfModel(WorldModel model, int rows, long seed = 0, bool renders = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        var dream = model.Dream(seed, rows);
        dream.Renders = renders;
        return new Imagination(dream, dream);
    }

    /// <summary>True futures: copies of the very world acted in, which stays the caller's. What a perfect model would give.</summary>
    /// <exception cref="ArgumentException">This world can't be copied.</exception>
    public static Imagination OfWorld(World world) =>
        world is IForkable ? new Imagination(world, null) : throw new ArgumentException("This world can't be copied in the middle of an episode; plan in a model of it.", nameof(world));

    /// <summary>A row's next moment is the first of an episode.</summary>
    internal void Reset(int row, long seed) => _dream?.Forget(row, seed);

    /// <summary>Takes in what really happened to the marked rows.</summary>
    internal void Observe(MomentBatch moments, ReadOnlySpan<bool> rows) => _dream?.Observe(moments, rows);

    /// <summary>Rows to imagine in; the caller's to dispose before this.</summary>
    internal World CreateFutures(int count) => ((IForkable)_present).CreateRows(count);

    /// <summary>Makes futures begin at the present of a row.</summary>
    internal void Branch(World futures, int row, ReadOnlySpan<int> rows)
    {
        Span<int> sources = stackalloc int[Math.Min(rows.Length, 256)];
        sources.Fill(row);
        for (var start = 0; start < rows.Length; start += sources.Length)
        {
            var part = rows[start..Math.Min(rows.Length, start + sources.Length)];
            ((IForkable)futures).CopyRows(_present, sources[..part.Length], part);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _dream?.Dispose();
}
