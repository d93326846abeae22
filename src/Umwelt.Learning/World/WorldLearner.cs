// A world model as something to train. Over lanes with carried state: one corrupted copy of the past feeds encoders and
// read-outs, each transition is asked a question, and every loss is on the raw channel. Gradients stop at a step's border; what
// is remembered does not.
using Umwelt.Learning.Internal;
using Umwelt.Learning.Internal.World;
using Umwelt.Models;
using Umwelt.Models.Internal.World;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>Trains a world model.</summary>
public sealed class WorldLearner : Learner<WorldBatch>, IDisposable
{
    private const long NoisePurpose = 0x6e6f697365;
    private const long StridePurpose = 0x737472696465;
    private readonly WorldModel _model;
    private readonly WorldObjective _objective;
    private readonly WorldQuestions _questions;
    private readonly CarriedStates _carried;
    private readonly WorldDreams _dreams;
    private readonly long _seed;

    /// <summary>A model that stays the caller's.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="objective">What it is asked.</param>
    /// <param name="seed">Decides with step and row what is asked and which noise there is.</param>
    public WorldLearner(WorldModel model, WorldObjective objective, long seed = 0)
        : this(model, objective, new WorldQuestions(model.Schema, objective), seed)
    {
    }

    private WorldLearner(WorldModel model, WorldObjective objective, WorldQuestions questions, long seed)
        : base(model.Parameters, questions.Names)
    {
        objective.Validate();
        (_model, _objective, _questions, _seed) = (model, objective, questions, seed);
        _dreams = new WorldDreams(model, seed);
        _carried = new CarriedStates(rows => model.Backbone.CreateState(rows, model.SlotCount));
    }

    /// <inheritdoc/>
    public override bool CarriesState => true;

    /// <inheritdoc/>
    public override double Weight(int loss) => _questions.WeightOf(loss);

    /// <inheritdoc/>
    public override void Count(WorldBatch batch, Span<double> counts)
    {
        var plan = PlanOf(batch);
        counts.Clear();
        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            foreach (var (question, _) in plan.Scored(c))
            {
                counts[_questions.LossOf(question, c)]++;
            }
        }

        if (_questions.Reentry >= 0)
        {
            counts[_questions.Reentry] = plan.Question.Count(question => question == WorldQuestion.Simulate);
        }
    }

    /// <inheritdoc/>
    public override void Sum(WorldBatch batch, Span<Tensor> sums)
    {
        var plan = PlanOf(batch);
        var engine = _model.Engine;
        var codecs = _model.Codecs;
        var moments = batch.Rows * batch.Length;
        var values = new Tensor[codecs.Length];
        var past = new Tensor[codecs.Length];
        var memories = new ChannelMemory[codecs.Length];
        var state = _carried.Enter(batch.First, plan.Begins);
        var history = plan.IsDreamed.Contains(true) ? _dreams.Of(batch, plan, state) : null;
        for (var c = 0; c < codecs.Length; c++)
        {
            values[c] = _model.Values.Read(batch.Moments, c, batch.FirstMoment, moments);
            var levels = LevelTensors.Of(engine, plan.PastLevels[c]);
            var seen = history is null || WorldQuestions.IsMotor(codecs[c].Channel) ? values[c] : _model.Values.Read(history, c, 0, moments);
            var noise = plan.PastNoise(c);
            past[c] = codecs[c].Encode(Noised(batch, c, 0, seen, noise, history is null ? levels : LevelTensors.Of(engine, noise)), levels, out memories[c]);
        }

        var moment = _model.Moment(past).Reshape(batch.Rows, batch.Length, _model.SlotCount, _model.Options.Width);
        var remembered = _model.Backbone.Apply(moment, state, batch.Resets)
            .Slice(1, 0, batch.Length - 1).Reshape(plan.Transitions, _model.SlotCount, _model.Options.Width);
        state.Detach();
        remembered = _model.Forgotten(remembered, Mask(plan.Forgets));
        var z = _model.Infer(remembered, Stems(batch, plan, values));
        for (var c = 0; c < codecs.Length; c++)
        {
            AddLosses(batch, plan, c, z, values[c], memories[c], sums);
        }

        if (_questions.Reentry >= 0)
        {
            sums[_questions.Reentry] = Reentry(plan, z, past);
        }
    }

    /// <inheritdoc/>
    public override void Advance() => _carried.Advance();

    /// <inheritdoc/>
    public override void SaveCarried(string path) => _carried.Save(path);

    /// <inheritdoc/>
    public override void LoadCarried(string path) => _carried.Load(path);

    /// <summary>Releases what is carried; the model stays.</summary>
    public void Dispose() => _carried.Dispose();

    private WorldPlan PlanOf(WorldBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Plan ??= new WorldPlan(_model, _questions, _objective, _seed, batch);
    }

    private Tensor[] Stems(WorldBatch batch, WorldPlan plan, Tensor[] values)
    {
        var engine = _model.Engine;
        var next = Indices(Enumerable.Range(0, plan.Transitions).Select(i => plan.MomentOf(i) + 1));
        var stems = new Tensor[values.Length];
        for (var c = 0; c < values.Length; c++)
        {
            var levels = LevelTensors.Of(engine, plan.NextLevels[c]);
            stems[c] = plan.NextLevels[c].AsSpan().ContainsAnyExceptInRange(1, float.MaxValue)
                ? _model.Codecs[c].Stem(Noised(batch, c, 1, Chosen(values[c], next), plan.NextLevels[c], levels), levels)
                : _model.Codecs[c].Unknown(levels);
        }

        return stems;
    }

    private void AddLosses(WorldBatch batch, WorldPlan plan, int channel, Tensor z, Tensor value, in ChannelMemory memory, Span<Tensor> sums)
    {
        var scored = plan.Scored(channel);
        if (scored.Count == 0)
        {
            return;
        }

        var (engine, codec) = (_model.Engine, _model.Codecs[channel]);
        var transitions = Indices(scored.Select(item => item.Transition));
        var before = Indices(scored.Select(item => plan.MomentOf(item.Transition)));
        var after = Indices(scored.Select(item => plan.MomentOf(item.Transition) + 1));
        float[] seen = [.. scored.Select(item => plan.IsBlind[item.Transition] || plan.PastLevels[channel][plan.MomentOf(item.Transition)] >= 1 ? 0f : 1f)];
        Tensor noise = default;
        LevelTensors levels = default;
        if (codec.TakesNoise)
        {
            float[] read = [.. scored.Select(item => codec.Snapped(plan.ReadLevels[channel][item.Transition]))];
            levels = codec.TakesShortcuts ? Strided(batch, channel, scored, read) : LevelTensors.Of(engine, read);
            noise = Noise(batch, channel, 2, value.Shape.With(0, plan.Transitions), batch.Length - 1).IndexSelect(0, transitions);
        }

        var losses = codec.Loss(
            _model.SlotsOf(z, channel).IndexSelect(0, transitions), Chosen(value, after), memory.Select(before), engine.From(seen, [seen.Length, 1]), noise, levels);
        for (var start = 0; start < scored.Count;)
        {
            var end = start + 1;
            while (end < scored.Count && scored[end].Question == scored[start].Question)
            {
                end++;
            }

            sums[_questions.LossOf(scored[start].Question, channel)] = losses.Slice(0, start, end - start).Sum();
            start = end;
        }
    }

    // What senses become if nobody renders them against what their encoders make of the truth.
    private Tensor Reentry(WorldPlan plan, Tensor z, Tensor[] past)
    {
        int[] asked = [.. Enumerable.Range(0, plan.Transitions).Where(i => plan.Question[i] == WorldQuestion.Simulate)];
        if (asked.Length == 0)
        {
            return default;
        }

        var transitions = Indices(asked);
        var after = Indices(asked.Select(i => plan.MomentOf(i) + 1));
        Tensor sum = default;
        var channels = 0;
        for (var c = 0; c < past.Length; c++)
        {
            if (WorldQuestions.IsMotor(_questions.Schema.Channels[c]))
            {
                continue;
            }

            var truth = past[c].Detach().IndexSelect(0, after);
            var error = (_model.Codecs[c].Reenter(_model.SlotsOf(z, c).IndexSelect(0, transitions)) - truth).Square().Mean() * asked.Length;
            sum = sum.IsDefault ? error : sum + error;
            channels++;
        }

        return sum.IsDefault ? sum : sum / channels;
    }

    private Tensor Noised(WorldBatch batch, int channel, int purpose, Tensor value, float[] levels, in LevelTensors tensors) =>
        _model.Codecs[channel].IsContinuous && levels.AsSpan().ContainsAnyInRange(float.Epsilon, MathF.BitDecrement(1))
            ? ChannelNoise(batch, channel, purpose, value, tensors)
            : value;

    // Where the level is 1 the channel is missing and its value is not looked at.
    private Tensor ChannelNoise(WorldBatch batch, int channel, int purpose, Tensor value, in LevelTensors levels) =>
        Models.Internal.World.Channels.ChannelCodec.Noised(value, Noise(batch, channel, purpose, value.Shape, value.Shape[0] / batch.Rows), levels.Level);

    // Each transition draws how long the read-out's step is; its level becomes one from which such steps lead to 0.
    private LevelTensors Strided(WorldBatch batch, int channel, IReadOnlyList<(WorldQuestion Question, int Transition)> scored, float[] levels)
    {
        var halvings = new int[levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            var (row, t) = Math.DivRem(scored[i].Transition, batch.Length - 1);
            var stream = RandomStream.Of(_seed, StridePurpose, batch.Step, batch.First + row, channel, t);
            halvings[i] = StrideTensors.Draw(ref stream);
            levels[i] = StrideTensors.Snapped(levels[i], halvings[i]);
        }

        return LevelTensors.Of(_model.Engine, levels) with { Strides = StrideTensors.Of(_model.Engine, levels, halvings) };
    }

    // Normal numbers [rows · count, ..], each row of the step its own.
    private Tensor Noise(WorldBatch batch, int channel, int purpose, Shape shape, int count)
    {
        var noise = _model.Engine.Empty(shape);
        for (var row = 0; row < batch.Rows; row++)
        {
            var stream = RandomStream.Of(_seed, NoisePurpose, batch.Step, batch.First + row, channel, purpose);
            noise.Slice(0, row * count, count).FillNormal(ref stream);
        }

        return noise;
    }

    private Tensor Mask(bool[] marks) => _model.Engine.From([.. marks.Select(mark => mark ? 1f : 0f)], [marks.Length, 1, 1]);

    private Tensor Indices(IEnumerable<int> indices)
    {
        int[] all = [.. indices];
        return _model.Engine.From(all, [all.Length]);
    }

    // Whole numbers pass through floats, which hold them exactly.
    private static Tensor Chosen(Tensor value, Tensor indices) => value.Type == DataType.Float32
        ? value.IndexSelect(0, indices)
        : value.Cast(DataType.Float32).IndexSelect(0, indices).Cast(value.Type);
}
