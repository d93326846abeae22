// A text model as something to train: the cross-entropy of what is to be said, and what its experts add. With lanes it carries
// the stack's state from step to step; gradients stop at the border.
using System.Globalization;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>Trains a text model.</summary>
public sealed class TextLearner : Learner<TextBatch>, IDisposable
{
    private readonly TextModel _model;
    private readonly bool _hasExperts;
    private readonly SortedDictionary<int, StackState> _before = [];
    private readonly SortedDictionary<int, StackState> _after = [];

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
        var state = CarriesState ? Enter(batch) : null;
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
    public override void Advance()
    {
        foreach (var state in _before.Values)
        {
            state.Dispose();
        }

        _before.Clear();
        foreach (var (first, state) in _after)
        {
            _before[first] = state;
        }

        _after.Clear();
    }

    /// <inheritdoc/>
    public override void SaveCarried(string path) =>
        TensorFile.Save(path, _before.SelectMany(entry => entry.Value.Named(string.Create(CultureInfo.InvariantCulture, $"{entry.Key}."))));

    /// <inheritdoc/>
    public override void LoadCarried(string path)
    {
        Dispose();
        var rows = new Dictionary<int, int>();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var (name, entry) in file.Tensors)
            {
                if (name.EndsWith("ages", StringComparison.Ordinal))
                {
                    if (!int.TryParse(name.AsSpan(0, name.IndexOf('.', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                        || entry.Shape is not [> 0 and < (1 << 20)])
                    {
                        throw new InvalidFileException(path, $"'{name}' is no carried state of a text model");
                    }

                    rows[first] = (int)entry.Shape[0];
                }
            }
        }

        foreach (var (first, count) in rows)
        {
            var state = _model.CreateState(count);
            _before[first] = state;
            state.Load(path, string.Create(CultureInfo.InvariantCulture, $"{first}."));
        }
    }

    /// <summary>Releases what is carried; the model stays.</summary>
    public void Dispose()
    {
        foreach (var state in _before.Values.Concat(_after.Values))
        {
            state.Dispose();
        }

        _before.Clear();
        _after.Clear();
    }

    // The state a batch begins with: a fork of what its rows left behind, so that a step can be repeated.
    private StackState Enter(TextBatch batch)
    {
        if (_after.Remove(batch.First, out var repeated))
        {
            repeated.Dispose();
        }

        var state = _before.TryGetValue(batch.First, out var before) && before.Rows == batch.Rows ? before.Fork() : Regathered(batch);
        for (var row = 0; row < batch.Rows; row++)
        {
            if (batch.Begins[row])
            {
                state.Reset(row);
            }
        }

        _after[batch.First] = state;
        return state;
    }

    // Where this step is cut otherwise than the last one was, or is larger, each row brings along what it left behind.
    private StackState Regathered(TextBatch batch)
    {
        var state = _model.CreateState(batch.Rows);
        foreach (var (first, before) in _before)
        {
            var (from, to) = (Math.Max(first, batch.First), Math.Min(first + before.Rows, batch.First + batch.Rows));
            if (from < to)
            {
                using var rows = before.Gather([.. Enumerable.Range(from - first, to - from)]);
                state.Scatter(rows, [.. Enumerable.Range(from - batch.First, to - from)]);
            }
        }

        return state;
    }
}
