// Where batches come from. Their size, length and mix may change from step to step, so a step asks for what it wants; a step
// taken in parts asks for the rows of the whole, part by part, and gets the same rows.
namespace Umwelt.Learning;

/// <summary>What a step asks for.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Progress">The share of the run that is done.</param>
/// <param name="First">The first row of this part of the step's batch.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Length">How many moments a row has.</param>
public readonly record struct BatchRequest(long Step, double Progress, int First, int Rows, int Length);

/// <summary>A source of batches whose position can be kept and restored.</summary>
public interface IBatches<TBatch>
{
    /// <summary>Where the source stands after the last batch, with whatever tells that it belongs to the same data.</summary>
    string State { get; }

    /// <summary>Goes on where a source stood.</summary>
    /// <exception cref="ArgumentException">The state belongs to other data.</exception>
    void Restore(string state);

    /// <summary>The rows asked for. They stay as they are until those of the next step are asked for.</summary>
    TBatch Next(in BatchRequest request);
}
