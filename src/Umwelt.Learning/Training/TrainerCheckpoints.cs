// What of a trainer is kept and taken up again: weights, averages, the optimiser, what the model carries, where the batches
// stand, scales, figures. Random numbers are keyed by the step and need no keeping.
using Umwelt.Learning.Internal;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning;

public sealed partial class Trainer<TBatch>
{
    private double Seconds => _secondsBefore + _clock.Elapsed.TotalSeconds;

    /// <summary>Goes on from the newest sound checkpoint; false if there is none.</summary>
    /// <exception cref="InvalidFileException">There are some and none can be used: the reason of the newest.</exception>
    public bool Resume()
    {
        Exception? reason = null;
        foreach (var checkpoint in Checkpoints?.All.Reverse() ?? [])
        {
            try
            {
                Load(checkpoint);
                Checkpoints!.SetAside(checkpoint.Step);
                return true;
            }
            catch (Exception error) when (error is IOException or ShapeException or ArgumentException or KeyNotFoundException)
            {
                reason ??= error;
                Tell(observer => observer.Noted(checkpoint.Step, $"{checkpoint.Folder} can't be used: {error.Message}"));
            }
        }

        return reason is null ? false : throw new InvalidFileException(Checkpoints!.Folder, $"no checkpoint can be used: {reason.Message}", innerException: reason);
    }

    /// <summary>Keeps a checkpoint of where the run stands, unless there is one.</summary>
    public void Save()
    {
        if (Checkpoints is null || (Checkpoints.All is [.., var newest] && newest.Step == Step))
        {
            return;
        }

        Tell(observer => observer.Keeping(Step));
        var kept = Checkpoints.Save(
            new CheckpointState
            {
                Step = Step,
                Batches = _batches.State,
                Scales = [.. _scales.State],
                Score = _score is { } score && score.Step == Step ? score.Value : null,
                BestScore = BestScore,
                Moments = _moments,
                Seconds = Seconds,
                Backend = Tier.Of(_engine.Backend),
                Engine = Tier.Version,
            },
            Files());
        Tell(observer => observer.Noted(Step, $"kept {kept.Folder}"));
    }

    private IEnumerable<KeyValuePair<string, Action<string>>> Files()
    {
        yield return new(Checkpoint.WeightsName, path => _learner.Parameters.Save(path));
        yield return new(Checkpoint.OptimiserName, path => TensorFile.Save(path, _optimiser.State));
        if (Average is not null)
        {
            yield return new(Checkpoint.AverageName, path => TensorFile.Save(path, Average.Tensors));
        }

        if (_learner.CarriesState)
        {
            yield return new(Checkpoint.CarriedName, _learner.SaveCarried);
        }
    }

    private void Load(Checkpoint checkpoint)
    {
        var state = checkpoint.ReadState();
        _learner.Parameters.Load(checkpoint.Weights);
        TensorFile.Load(checkpoint.Optimiser, _optimiser.State);
        if (Average is not null)
        {
            TensorFile.Load(checkpoint.Average, Average.Tensors);
        }

        if (_learner.CarriesState)
        {
            _learner.LoadCarried(checkpoint.Carried);
        }

        _batches.Restore(state.Batches);
        _scales.Restore(state.Scales);
        (Step, BestScore, _moments, _secondsBefore) = (state.Step, state.BestScore, state.Moments, state.Seconds);
        _score = state.Score is { } score ? (Step, score) : null;
        var (backend, engine) = (Tier.Of(_engine.Backend), Tier.Version);
        if (!string.Equals((backend, engine).ToString(), (state.Backend, state.Engine).ToString(), StringComparison.Ordinal))
        {
            Tell(observer => observer.Noted(Step, $"the run was on {state.Backend}, version {state.Engine}, and goes on on {backend}, version {engine}: last bits may differ"));
        }
    }
}
