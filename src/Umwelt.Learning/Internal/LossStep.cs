// The losses of one step, whose batch may come in parts: each loss is its sum over all parts by its count over all parts, so
// the gradients are those of the whole batch. Nothing here changes what a repetition of the step would see.
using Umwelt.Tensors;

namespace Umwelt.Learning.Internal;

internal sealed class LossStep<TBatch>
{
    // Parts of a step draw apart from each other: so many bits number them.
    private const int PartBits = 16;
    private readonly Learner<TBatch> _learner;
    private readonly List<TBatch> _batches;
    private readonly Engine _engine;
    private readonly double[] _counts;
    private readonly long _firstDraw;

    public LossStep(Learner<TBatch> learner, List<TBatch> batches, long step = 0)
    {
        (_learner, _batches, _engine) = (learner, batches, learner.Parameters.Engine);
        _firstDraw = step << PartBits;
        _counts = new double[learner.Losses.Length];
        var counts = new double[_counts.Length];
        foreach (var batch in batches)
        {
            learner.Count(batch, counts);
            for (var i = 0; i < counts.Length; i++)
            {
                _counts[i] += counts[i];
            }
        }
    }

    /// <summary>Takes in losses whose size is not known yet; no gradient is made.</summary>
    public void Measure(LossScales scales)
    {
        using var noGradient = _engine.NoGradient();
        scales.Add(Run(null, isBackward: false));
    }

    /// <summary>Adds the gradients of all losses to the parameters, and gives the mean losses: NaN where nothing counts.</summary>
    public double[] Backward(LossScales? scales) => Run(scales, isBackward: true);

    /// <summary>What is not finite, or null.</summary>
    public string? NotFinite(double[] losses, float norm)
    {
        for (var i = 0; i < losses.Length; i++)
        {
            if (_counts[i] > 0 && !double.IsFinite(losses[i]))
            {
                return $"the loss '{_learner.Losses[i]}' is {losses[i]}";
            }
        }

        return float.IsFinite(norm) ? null : $"the norm of the gradients is {norm}";
    }

    /// <summary>Repeats the step and looks at every operation.</summary>
    public string? OriginOfNotFinite(LossScales? scales)
    {
        var origin = new NotFiniteOrigin(_learner.Parameters);
        _engine.Inspector = origin;
        try
        {
            foreach (var (_, parameter) in _learner.Parameters.Parameters)
            {
                parameter.ClearGradient();
            }

            _ = Run(scales, isBackward: true);
        }
        finally
        {
            _engine.Inspector = null;
        }

        return origin.Finding;
    }

    private double[] Run(LossScales? scales, bool isBackward)
    {
        var means = new double[_counts.Length];
        var sums = new Tensor[_counts.Length];
        for (var at = 0; at < _batches.Count; at++)
        {
            using var scope = _engine.Scope();
            Array.Clear(sums);
            _learner.Parameters.Draw = _firstDraw + at;
            _learner.Sum(_batches[at], sums);
            Tensor total = default;
            for (var i = 0; i < sums.Length; i++)
            {
                if (_counts[i] > 0 && !sums[i].IsDefault)
                {
                    var part = sums[i] * (float)(_learner.Weight(i) / (_counts[i] * (scales is not null && _learner.IsBalanced(i) ? scales[i] : 1)));
                    total = total.IsDefault ? part : total + part;
                }
            }

            if (isBackward && !total.IsDefault)
            {
                total.Backward();
            }

            for (var i = 0; i < sums.Length; i++)
            {
                means[i] += sums[i].IsDefault ? 0 : sums[i].Item() / _counts[i];
            }
        }

        for (var i = 0; i < means.Length; i++)
        {
            means[i] = _counts[i] > 0 ? means[i] : double.NaN;
        }

        return means;
    }
}
