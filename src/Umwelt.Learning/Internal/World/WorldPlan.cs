// What a batch is asked: for each transition from moment t to t + 1 a question, the level of each channel of the next moment,
// and which channels are scored; for each past moment how noisy each channel is. It is drawn by seed, step and row, so that a
// step taken in parts is asked the same. Questions are spread evenly within a row.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Learning.Internal.World;

internal sealed class WorldPlan
{
    private const long Purpose = 0x706c616e;
    private const long BlindfoldPurpose = 0x626c696e64;
    private readonly WorldQuestions _questions;
    private readonly WorldModel _model;
    private readonly WorldObjective _objective;
    private readonly WorldBatch _batch;
    private readonly List<(WorldQuestion Question, int Transition)>[] _scored;

    public WorldPlan(WorldModel model, WorldQuestions questions, WorldObjective objective, long seed, WorldBatch batch)
    {
        (_model, _questions, _objective, _batch) = (model, questions, objective, batch);
        var (rows, time, channels) = (batch.Rows, batch.Length, model.Codecs.Length);
        Transitions = rows * (time - 1);
        Question = new WorldQuestion[Transitions];
        Forgets = new bool[Transitions];
        IsBlind = new bool[Transitions];
        Begins = new bool[rows];
        IsDreamed = new bool[rows];
        NextLevels = Make(channels, Transitions);
        ReadLevels = Make(channels, Transitions);
        PastLevels = Make(channels, rows * time);
        _scored = [.. Enumerable.Range(0, channels).Select(_ => new List<(WorldQuestion, int)>())];
        for (var row = 0; row < rows; row++)
        {
            var stream = RandomStream.Of(seed, Purpose, batch.Step, batch.First + row);
            Begins[row] = batch.Resets[row * time] || (objective.ForgetEvery > 0 && stream.NextDouble() * objective.ForgetEvery < time);
            DrawPast(row, ref stream);
            Blindfold(row, seed);
            DrawQuestions(row, ref stream);
            if (stream.NextDouble() < objective.Dreamed && batch.Step >= objective.DreamedAfter && !batch.Resets.Slice((row * time) + 1, time - 1).Contains(true))
            {
                BeDreamed(row);
            }
        }

        foreach (var scored in _scored)
        {
            scored.Sort();
        }
    }

    public int Transitions { get; }

    public WorldQuestion[] Question { get; }

    /// <summary>Whether the history of a transition is absent; borders of episodes have none.</summary>
    public bool[] Forgets { get; }

    /// <summary>Whether the last values must not be looked at.</summary>
    public bool[] IsBlind { get; }

    /// <summary>Whether a row begins with nothing remembered.</summary>
    public bool[] Begins { get; }

    /// <summary>Whether a row's past is dreamed from its second moment on; a row that borders on an episode never is.</summary>
    public bool[] IsDreamed { get; }

    /// <summary>[channel][transition].</summary>
    public float[][] NextLevels { get; }

    /// <summary>At which level a channel is read out, [channel][transition].</summary>
    public float[][] ReadLevels { get; }

    /// <summary>[channel][row · time].</summary>
    public float[][] PastLevels { get; }

    /// <summary>How much noise is added to past moments of a channel: what is said of them, but nothing to what is dreamed.</summary>
    public float[] PastNoise(int channel)
    {
        var levels = PastLevels[channel];
        if (WorldQuestions.IsMotor(_questions.Schema.Channels[channel]) || !IsDreamed.Contains(true))
        {
            return levels;
        }

        float[] noise = [.. levels];
        for (var row = 0; row < IsDreamed.Length; row++)
        {
            if (IsDreamed[row])
            {
                noise.AsSpan((row * _batch.Length) + 1, _batch.Length - 1).Clear();
            }
        }

        return noise;
    }

    /// <summary>The transitions in which a channel is scored, question after question.</summary>
    public IReadOnlyList<(WorldQuestion Question, int Transition)> Scored(int channel) => _scored[channel];

    /// <summary>The moment before a transition, as a row of the batch; the moment after is the next one.</summary>
    public int MomentOf(int transition) => (transition / (_batch.Length - 1) * _batch.Length) + (transition % (_batch.Length - 1));

    private static float[][] Make(int channels, int count)
    {
        var made = new float[channels][];
        for (var c = 0; c < channels; c++)
        {
            made[c] = new float[count];
        }

        return made;
    }

    private void DrawPast(int row, ref RandomStream stream)
    {
        for (var c = 0; c < PastLevels.Length; c++)
        {
            for (var t = 0; t < _batch.Length; t++)
            {
                var (i, lot, level) = ((row * _batch.Length) + t, stream.NextSingle(), stream.NextSingle());
                PastLevels[c][i] = !_batch.IsPresent(c, i) || lot < _objective.Absent ? 1
                    : lot < _objective.Absent + _objective.Clean || !_model.Codecs[c].IsContinuous ? 0
                    : level * (float)_objective.Noise;
            }
        }
    }

    // A lane's life is a row of stretches, whatever its steps are; in some of them channels are missing from some moment on.
    private void Blindfold(int row, long seed)
    {
        var (length, channels) = (_objective.BlindfoldEvery, _questions.Schema.Channels);
        for (var t = 0; t < _batch.Length && _objective.Blindfolds > 0; t++)
        {
            var (stretch, place) = Math.DivRem((_batch.Step * _batch.Length) + t, length);
            var stream = RandomStream.Of(seed, BlindfoldPurpose, stretch, _batch.First + row);
            var (isBlind, begin, kind, shown) = (stream.NextDouble() < _objective.Blindfolds, stream.NextInt32(length), stream.NextInt32(5), stream.NextInt32(channels.Length));
            for (var c = 0; c < channels.Length && isBlind && place >= begin; c++)
            {
                if (IsMissing(channels[c], kind, c == shown))
                {
                    PastLevels[c][(row * _batch.Length) + t] = 1;
                }
            }
        }
    }

    // No senses, so that commands alone say where one is; no pictures; nothing but what is seen, heard or felt; nothing but one channel.
    private static bool IsMissing(Channel channel, int kind, bool isShown) => kind switch
    {
        0 or 1 => !WorldQuestions.IsMotor(channel),
        2 => channel is ImageChannel,
        3 => channel.Role != ChannelRole.Sense || channel is TextChannel,
        _ => !isShown,
    };

    // What is absent stays so; the rest is said to be as noisy as dreams say of themselves.
    private void BeDreamed(int row)
    {
        IsDreamed[row] = true;
        for (var c = 0; c < PastLevels.Length; c++)
        {
            for (var t = 1; t < _batch.Length && !WorldQuestions.IsMotor(_questions.Schema.Channels[c]); t++)
            {
                ref var level = ref PastLevels[c][(row * _batch.Length) + t];
                level = level >= 1 ? 1 : _model.Codecs[c].IsContinuous ? (float)_model.Options.DreamLevel : 0;
            }
        }
    }

    private void DrawQuestions(int row, ref RandomStream stream)
    {
        var count = _batch.Length - 1;
        Span<int> order = count <= 1024 ? stackalloc int[count] : new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        stream.Shuffle(order);
        var offset = stream.NextDouble();
        for (var t = 0; t < count; t++)
        {
            var i = (row * count) + t;
            var question = Question[i] = _questions.At((order[t] + offset) / count);
            var forgets = question is WorldQuestion.Caption or WorldQuestion.Imagine ? _objective.ForgetsWords : _objective.Forgets;
            Forgets[i] = stream.NextDouble() < forgets || _batch.Resets[(row * _batch.Length) + t + 1];
            IsBlind[i] = stream.NextDouble() < _objective.Blind || Forgets[i];
            DrawLevels(i, question, ref stream);
        }
    }

    private void DrawLevels(int transition, WorldQuestion question, ref RandomStream stream)
    {
        var next = MomentOf(transition) + 1;
        var channels = _questions.Schema.Channels;
        var showsAll = stream.NextUInt32() % 2 == 0;
        var shown = stream.NextInt32(channels.Length);
        for (var c = 0; c < channels.Length; c++)
        {
            var (lot, level, read) = (stream.NextSingle(), stream.NextSingle(), stream.NextSingle());
            var chosen = question switch
            {
                WorldQuestion.Simulate => WorldQuestions.IsMotor(channels[c]) ? 0 : 1,
                WorldQuestion.Inverse => WorldQuestions.IsSense(channels[c]) || (WorldQuestions.IsWords(channels[c]) && showsAll) ? 0 : 1,
                WorldQuestion.Caption => !WorldQuestions.IsWords(channels[c]) && (showsAll || c == shown) ? 0 : 1,
                WorldQuestion.Imagine => WorldQuestions.IsWords(channels[c]) || (WorldQuestions.IsMotor(channels[c]) && showsAll) ? 0 : 1,
                WorldQuestion.Independent => lot < 1 / 3f ? 0 : lot < 2 / 3f || !_model.Codecs[c].IsContinuous ? 1 : level,
                _ => 1f,
            };
            var isThere = _batch.IsPresent(c, next);
            NextLevels[c][transition] = isThere ? chosen : 1;

            // Beginning from pure noise is what every sample does, so it is learnt more often than chance would have it.
            ReadLevels[c][transition] = chosen * (read < 0.25f ? 1 : (read - 0.25f) / 0.75f);
            if (isThere && chosen > 0 && _questions.LossOf(question, c) >= 0)
            {
                _scored[c].Add((question, transition));
            }
        }
    }
}
