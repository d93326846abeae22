// Rows of tokens made by a rule instead of read from a text. A row is a function of the seed, the step and its number, so that
// nothing has to be kept; the rows a model is measured on are of another stream than those it learns from.
using Umwelt.Learning;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Sequences;

/// <summary>Makes rows of a task, for training and for measuring.</summary>
internal abstract class SequenceTask(long seed) : IBatches<TextBatch>
{
    private const int Learnt = 0x6c6e74;
    private const int Measured = 0x6d7372;

    /// <summary>How many tokens there are.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>What somebody gets right who knows nothing but which tokens are answers.</summary>
    public abstract double Chance { get; }

    /// <inheritdoc/>
    public string State => "";

    protected long Seed { get; } = seed;

    /// <inheritdoc/>
    public void Restore(string state)
    {
        // Rows depend on nothing that came before.
    }

    /// <inheritdoc/>
    public virtual TextBatch Next(in BatchRequest request)
    {
        var batch = new TextBatch(request.First, request.Rows, request.Length);
        for (var i = 0; i < request.Rows; i++)
        {
            Fill(batch, i, RandomStream.Of(Seed, Learnt, request.Step, request.First + i), request.Progress);
        }

        return batch;
    }

    /// <summary>Rows that nobody learns from.</summary>
    public TextBatch Fresh(int first, int rows, int length)
    {
        var batch = new TextBatch(first, rows, length);
        for (var i = 0; i < rows; i++)
        {
            Fill(batch, i, RandomStream.Of(Seed, Measured, length, first + i), progress: null);
        }

        return batch;
    }

    /// <summary>Writes a row; targets are <see cref="Tensor.IgnoredTarget"/> unless an answer is written.</summary>
    /// <param name="tokens">What is read.</param>
    /// <param name="targets">What is to be said.</param>
    /// <param name="random">Of this row alone.</param>
    /// <param name="progress">The share of the training that is done; null where a model is measured on the row.</param>
    protected abstract void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress);

    private void Fill(TextBatch batch, int row, RandomStream random, double? progress)
    {
        batch.Begins[row] = true;
        var targets = batch.Targets.AsSpan(row * batch.Length, batch.Length);
        targets.Fill(Tensor.IgnoredTarget);
        Write(batch.Tokens.AsSpan(row * batch.Length, batch.Length), targets, random, progress);
    }
}
