// What windows and lanes have in common: batches of one shape, without end, whose order depends on the seed alone, and a
// position that can be kept and restored.
using System.Collections.Immutable;
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>An endless series of batches.</summary>
/// <remarks>One thread at a time uses it.</remarks>
public abstract class BatchSource
{
    private protected BatchSource(DataMix data, int batchSize, int length)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Data = data;
        BatchSize = batchSize;
        Length = length;
    }

    /// <summary>What the batches are drawn from.</summary>
    public DataMix Data { get; }

    /// <summary>B: how many sequences a batch has.</summary>
    public int BatchSize { get; }

    /// <summary>T: how many moments a sequence has.</summary>
    public int Length { get; }

    /// <summary>How often everything was seen up to now; the part behind the point says how far the present round is.</summary>
    public abstract double Epoch { get; }

    /// <summary>How many batches one round takes, the last of which may reach into the next.</summary>
    public abstract long BatchesPerEpoch { get; }

    /// <summary>Where the source stands: after the batch that was read last.</summary>
    public BatchState State
    {
        get
        {
            var numbers = new long[StateLength];
            Capture(numbers);
            return StateOf(numbers);
        }
    }

    /// <summary>How many numbers a position takes.</summary>
    internal abstract int StateLength { get; }

    private protected abstract string Kind { get; }

    private protected abstract ulong Identity { get; }

    /// <summary>A batch of the right shape, to be filled as often as one likes.</summary>
    public SequenceBatch CreateBatch() => new(Data.Schema, BatchSize, Length);

    /// <summary>Reads the next batch. Once files are open and texts have found their room, nothing is allocated.</summary>
    public void Next(SequenceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.BatchSize != BatchSize || batch.Length != Length || !ReferenceEquals(batch.Moments.Schema, Data.Schema))
        {
            throw new ArgumentException($"The batch has {batch.BatchSize} sequences of {batch.Length} moments; this source makes {BatchSize} of {Length}. Let the source create it.", nameof(batch));
        }

        Fill(batch);
    }

    /// <summary>Goes on behind the batch after which the state was taken.</summary>
    /// <exception cref="ArgumentException">The state belongs to other data or options.</exception>
    public void Restore(BatchState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!string.Equals(state.Source, Kind, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The position is of '{state.Source}', not of '{Kind}'.", nameof(state));
        }

        if (!string.Equals(state.Data, IdentityText, StringComparison.Ordinal))
        {
            throw new ArgumentException("The position belongs to other recordings or options: one of them has changed since.", nameof(state));
        }

        if (state.Numbers.IsDefault || state.Numbers.Length != StateLength || !TryRestore(state.Numbers.AsSpan()))
        {
            throw new ArgumentException("The position holds numbers that can't be.", nameof(state));
        }
    }

    internal BatchState StateOf(ReadOnlySpan<long> numbers) => new(Kind, IdentityText, [.. numbers]);

    internal abstract void Capture(Span<long> numbers);

    private protected abstract bool TryRestore(ReadOnlySpan<long> numbers);

    private protected abstract void Fill(SequenceBatch batch);

    private string IdentityText => Identity.ToString("x16", CultureInfo.InvariantCulture);
}
