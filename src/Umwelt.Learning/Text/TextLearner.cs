// A text model as something to train: the cross-entropy of what is to be said, and what its experts add. With lanes it carries
// the stack's state from step to step; gradients stop at the border.
using Umwelt.Learning.Internal;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>Trains a text model.</summary>
public sealed class TextLearner : Learner<TextBatch>, IDisposable
{
    private readonly TextModel _model;
    private readonly bool _hasExperts;
    private readonly CarriedStates _carried;

    /// <summary>A model that stays the caller's.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="carriesState">Whether rows go on from step to step.</param>
    /// <param name="trained">What is trained in place of the model's own parameters, such as adapters on them.</param>
    public TextLearner(TextModel model, bool carriesState = false, ParameterTree? trained = null)
        : base(trained ?? model.Parameters, model.Stack.Experts.Any() ? ["loss", "experts"] : ["loss"])
    {
        _model = model;
        _hasExperts = Losses.Length > 1;
        CarriesState = carriesState;
        _carried = new CarriedStates(rows => model.CreateState(rows));
    }

    /// <inheritdoc/>
    public override bool CarriesState { get; }

    /// <inheritdoc/>
    public override bool IsBalanced(int loss) => loss == 0;

    /// <inheritdoc/>
    public override void Count(TextBatch batch, Span<double> counts)
    {
        ArgumentNullException.ThrowIfNull(batch);
        counts[0] = batch.Count;
        if (_hasExperts)
        {
            counts[1] = batch.Rows;
        }
    }

    /// <inheritdoc/>
    public override void Sum(TextBatch batch, Span<Tensor> sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var engine = _model.Engine;
        var state = CarriesState ? _carried.Enter(batch.First, batch.Begins) : null;
        var logits = _model.Logits(engine.From(batch.Tokens, [batch.Rows, batch.Length]), state);
        sums[0] = batch.Count == 0 ? default : logits.CrossEntropyOfRows(engine.From(batch.Targets, [batch.Rows, batch.Length])).Sum();
        if (_hasExperts)
        {
            var loss = _model.Stack.TakeAuxiliaryLoss();
            sums[1] = loss.IsDefault ? default : loss * batch.Rows;
        }

        state?.Detach();
    }

    /// <inheritdoc/>
    public override void Advance() => _carried.Advance();

    /// <inheritdoc/>
    public override void SaveCarried(string path) => _carried.Save(path);

    /// <inheritdoc/>
    public override void LoadCarried(string path) => _carried.Load(path);

    /// <summary>Releases what is carried; the model stays.</summary>
    public void Dispose() => _carried.Dispose();
}
