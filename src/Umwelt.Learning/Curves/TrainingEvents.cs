// The curves of a run for TensorBoard: a new event file each time a run begins or goes on, which TensorBoard joins.
namespace Umwelt.Learning;

/// <summary>Writes TensorBoard event files.</summary>
/// <param name="folder">Where they go.</param>
public sealed class TrainingEvents(string folder) : TrainingObserver, IDisposable
{
    private const long MostSteps = 20_000;
    private EventFile? _file;
    private long _every = 1;

    /// <inheritdoc/>
    public override void Began(long step, long steps)
    {
        Dispose();
        _file = new EventFile(folder);
        _every = Math.Max(1, steps / MostSteps);
    }

    /// <inheritdoc/>
    public override void Stepped(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Step % _every == 0)
        {
            _file?.Write(step.Step, [
                new("training/loss", step.Loss),
                .. step.Losses.Count > 1 ? step.Losses.Select(loss => KeyValuePair.Create($"training/losses/{loss.Key}", loss.Value)) : [],
                new("training/rate", step.Rate),
                new("training/gradient_norm", step.GradientNorm),
                new("training/rows", step.Rows),
                new("training/length", step.Length),
            ]);
        }
    }

    /// <inheritdoc/>
    public override void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures)
    {
        _file?.Write(step, figures.Select(figure => KeyValuePair.Create($"held_out/{figure.Key}", figure.Value)));
        _file?.Flush();
    }

    /// <inheritdoc/>
    public override void Keeping(long step) => _file?.Flush();

    /// <inheritdoc/>
    public override void Ended(long step, string? failure) => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Closing writes what is left, which fails where the disk is full: once is enough.
        var file = _file;
        _file = null;
        file?.Dispose();
    }
}
