// How rows that dream go on: infer what the next moment lacks, write it, take the moment in. What is taken in is read from the
// moment as it was written, rounding of pictures and all, so that dreaming on and being primed with the same are one thing.
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

internal sealed partial class DreamBody
{
    // Which channels are inferred together, each group knowing those before it.
    private const int Motors = 0;
    private const int Senses = 1;
    private const int Words = 2;
    private const int Groups = 3;
    private const int MostAtOnce = 64;

    /// <summary>Infers whatever the moments lack, writes it into them, and goes on from there.</summary>
    /// <param name="moments">A row each.</param>
    /// <param name="infersMotors">False for first moments, which no command has led to.</param>
    public void Step(MomentBatch moments, bool infersMotors = true)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        NoteGiven(moments);
        var inferred = Answer(moments, Renders, infersMotors);
        TakeIn(moments, 1, inferred);
    }

    /// <summary>Infers whatever the moments lack and writes it into them; the rows stay where they are.</summary>
    public void Ask(MomentBatch moments)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        _ = Answer(moments, everything: true, infersMotors: true);
    }

    /// <summary>Reads out what the present moments lack, from the slots that were inferred for them.</summary>
    public void Render(MomentBatch moments)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        _chance.Be(_seeds, _moments);
        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            if (IsLackedByAny(moments, c))
            {
                _chance.For(c);
                _model.Values.Write(_model.Codecs[c].Sample(_model.SlotsOf(_memory[Inferred], c), MemoryOf(c), _model.Engine.Zeros([Rows, 1]), _chance), moments, c);
            }
        }
    }

    /// <summary>Takes in moments that happened, [rows, time] in a batch, at the speed of training.</summary>
    public void Prime(MomentBatch history, int time)
    {
        var room = Math.Max(1, MostAtOnce / Rows);
        MomentBatch? part = null;
        for (var start = 0; start < time; start += room)
        {
            using var unrecorded = _model.Engine.NoGradient();
            using var scope = _model.Engine.Scope();
            var count = Math.Min(room, time - start);
            part = part?.Count == Rows * count ? part : new MomentBatch(_model.Schema, Rows * count);
            for (var row = 0; row < Rows; row++)
            {
                for (var t = 0; t < count; t++)
                {
                    part.Copy(history, (row * time) + start + t, (row * count) + t);
                }
            }

            NoteGiven(part);
            TakeIn(part, count, default);
        }
    }

    /// <summary>How surprising the next moments are, [row, channel]; NaN where a channel is absent. The rows stay where they are.</summary>
    public void Surprise(MomentBatch next, Span<double> scores)
    {
        var codecs = _model.Codecs;
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        _chance.Be(_seeds, _moments);
        for (var group = Motors; group < Groups; group++)
        {
            Tensor z = default;
            for (var c = 0; c < codecs.Length; c++)
            {
                if (GroupOf(codecs[c].Channel) != group)
                {
                    continue;
                }

                z = z.IsDefault ? Infer(_model.Known(_memory[Remembered]), next, group, 0, codecs.Length - 1) : z;
                var losses = SurpriseOf(_model.SlotsOf(z, c), _model.Values.Read(next, c, 0, Rows), c);
                for (var row = 0; row < Rows; row++)
                {
                    scores[(row * codecs.Length) + c] = next.IsPresent(c, row) ? losses[row] : double.NaN;
                }
            }
        }
    }

    private static int GroupOf(Channel channel) =>
        channel.Role == ChannelRole.Motor ? Motors : channel is TextChannel ? Words : Senses;

    private static bool IsOnlyPerceived(Channel channel) =>
        channel.Role == ChannelRole.Sense && channel is ImageChannel or SoundChannel or TextChannel;

    private static bool IsLackedByAny(MomentBatch moments, int channel) => moments.Presence(channel).Contains((byte)0);

    private static bool IsLackedByAll(MomentBatch moments, int channel) => !moments.Presence(channel).Contains((byte)1);

    // Writes what is lacking, channels that are only perceived if everything is wanted; gives the slots that the senses' pass inferred.
    private Tensor Answer(MomentBatch moments, bool everything, bool infersMotors)
    {
        _chance.Be(_seeds, _moments);
        Tensor known = default;
        Tensor senses = default;
        for (var group = infersMotors ? Motors : Senses; group < Groups; group++)
        {
            var (first, last) = Asked(moments, group, everything);
            if (first < 0)
            {
                continue;
            }

            known = known.IsDefault ? _model.Known(_memory[Remembered]) : known;
            var z = Infer(known, moments, Groups, first, last);
            for (var c = first; c <= last; c++)
            {
                if (IsAnswered(moments, c, group, everything))
                {
                    _chance.For(c);
                    _model.Values.Write(_model.Codecs[c].Sample(_model.SlotsOf(z, c, first), MemoryOf(c), SeenOf(c), _chance), moments, c);
                }
            }

            senses = group == Senses ? z : senses;
        }

        return senses;
    }

    // The first and the last channel whose slots a group is inferred for; below 0 where there is none. The senses' slots may enter
    // again or be read out later, so there all channels count.
    private (int First, int Last) Asked(MomentBatch moments, int group, bool everything)
    {
        var (first, last) = (-1, -1);
        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            if (IsAnswered(moments, c, group, everything || group == Senses))
            {
                (first, last) = (first < 0 ? c : first, c);
            }
        }

        return group == Senses && first >= 0 ? (0, _model.Codecs.Length - 1) : (first, last);
    }

    private bool IsAnswered(MomentBatch moments, int channel, int group, bool everything) =>
        GroupOf(_model.Codecs[channel].Channel) == group && IsLackedByAny(moments, channel) && (everything || !IsOnlyPerceived(_model.Codecs[channel].Channel));

    // The next moment's slots of neighbouring channels, where channels of earlier groups are known as far as the moments have them.
    private Tensor Infer(Tensor known, MomentBatch moments, int group, int first, int last)
    {
        for (var c = 0; c < _stems.Length; c++)
        {
            var codec = _model.Codecs[c];
            var isKnown = GroupOf(codec.Channel) < group && !IsLackedByAll(moments, c);
            for (var row = 0; row < Rows; row++)
            {
                _levels[row] = isKnown && moments.IsPresent(c, row) ? 0 : 1;
            }

            var levels = _model.Levels.Of(_levels.AsSpan(0, Rows));
            _stems[c] = isKnown ? codec.Stem(_model.Values.Read(moments, c, 0, Rows), levels) : codec.Unknown(levels);
        }

        return _model.Infer(known, _stems, first, last);
    }

    // Exact for what is discrete; for numbers the error of denoising at a few fixed levels.
    private double[] SurpriseOf(Tensor z, Tensor value, int channel)
    {
        ReadOnlySpan<float> fixedLevels = [1, 0.75f, 0.5f, 0.25f];
        var codec = _model.Codecs[channel];
        var (memory, isSeen) = (MemoryOf(channel), SeenOf(channel));
        var count = codec.TakesNoise ? fixedLevels.Length : 1;
        var (sums, losses) = (new double[Rows], new float[Rows]);
        _chance.For(channel);
        for (var i = 0; i < count; i++)
        {
            using var scope = _model.Engine.Scope();
            var noise = count > 1 ? _chance.Normal(codec.Channel.ElementCount, purpose: 1 + i).Reshape(value.Shape) : default;
            _levels.AsSpan(0, Rows).Fill(codec.Snapped(fixedLevels[i]));
            codec.Loss(z, value, memory, isSeen, noise, _model.Levels.Of(_levels.AsSpan(0, Rows))).Read<float>(losses);
            for (var row = 0; row < Rows; row++)
            {
                sums[row] += losses[row] / count;
            }
        }

        return sums;
    }

    private void NoteGiven(MomentBatch moments)
    {
        var count = moments.Count * _model.Codecs.Length;
        if (_given.Length < count)
        {
            _given = new bool[count];
            _levels = new float[moments.Count];
        }

        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            for (var i = 0; i < moments.Count; i++)
            {
                _given[(c * moments.Count) + i] = moments.IsPresent(c, i);
            }
        }
    }

    // The moments [rows, time] become the last ones remembered. Where a channel lacks and slots were inferred for it, those enter.
    private void TakeIn(MomentBatch moments, int time, Tensor inferred)
    {
        var engine = _model.Engine;
        var isPartial = false;
        for (var c = 0; c < _stems.Length; c++)
        {
            isPartial |= IsReentered(moments, c, inferred);
        }

        _memory = isPartial ? _memory.Own() : _memory.Renew();
        for (var c = 0; c < _stems.Length; c++)
        {
            _stems[c] = TakeIn(moments, c, time, inferred);
        }

        var moment = _model.Moment(_stems).Reshape(Rows, time, _model.SlotCount, _model.Options.Width);
        var remembered = time == 1 ? _model.Backbone.Step(moment, _state) : _model.Backbone.Apply(moment, _state);
        _memory.Put(Remembered, (time == 1 ? remembered : remembered.Slice(1, time - 1, 1)).Reshape(Rows, _model.SlotCount, _model.Options.Width).Contiguous());
        _memory.Put(Inferred, inferred.IsDefault ? engine.Zeros(InferredShape) : inferred);
        for (var row = 0; row < Rows; row++)
        {
            _moments[row] += time;
            for (var c = 0; c < _stems.Length; c++)
            {
                var last = (row * time) + time - 1;
                _seen[c][row] = !moments.IsPresent(c, last) ? Missing : _given[(c * moments.Count) + last] ? Given : Own;
            }
        }
    }

    private Tensor TakeIn(MomentBatch moments, int channel, int time, Tensor inferred)
    {
        var (n, codec) = (moments.Count, _model.Codecs[channel]);
        if (IsReentered(moments, channel, inferred))
        {
            return codec.Reenter(_model.SlotsOf(inferred, channel));
        }

        for (var i = 0; i < n; i++)
        {
            _levels[i] = !moments.IsPresent(channel, i) ? 1
                : _given[(channel * n) + i] || !codec.IsContinuous ? 0
                : (float)_model.Options.DreamLevel;
        }

        var levels = _model.Levels.Of(_levels.AsSpan(0, n));
        var slots = codec.Encode(_model.Values.Read(moments, channel, 0, n), levels, out var seen);
        Put(_memory, channel, LastOf(seen, time));
        return inferred.IsDefault || !IsOnlyPerceived(codec.Channel) || !IsLackedByAny(moments, channel)
            ? slots
            : levels.IsMissing.Where(codec.Reenter(_model.SlotsOf(inferred, channel)), slots);
    }

    // Whether a channel that nobody looked at goes on as inferred slots alone.
    private static bool IsReentered(MomentBatch moments, int channel, Tensor inferred) =>
        !inferred.IsDefault && IsOnlyPerceived(moments.Schema.Channels[channel]) && IsLackedByAll(moments, channel);

    // Of moments [rows · time, ..] the last of each row.
    private ChannelMemory LastOf(in ChannelMemory seen, int time)
    {
        if (time == 1)
        {
            return seen;
        }

        Span<int> last = Rows <= 256 ? stackalloc int[Rows] : new int[Rows];
        for (var row = 0; row < Rows; row++)
        {
            last[row] = (row * time) + time - 1;
        }

        return seen.Select(_model.Engine.From<int>(last, [Rows]));
    }

    // Default where all rows may look at the moment before.
    private Tensor SeenOf(int channel) => _seen[channel].AsSpan().Contains(Missing) ? Marks(channel, static value => value != Missing) : default;

    // Default where no row's last value was given.
    private Tensor GivenOf(int channel) => _seen[channel].AsSpan().Contains(Given) ? Marks(channel, static value => value == Given) : default;

    private Tensor Marks(int channel, Func<float, bool> which)
    {
        Span<float> marks = Rows <= 256 ? stackalloc float[Rows] : new float[Rows];
        for (var row = 0; row < Rows; row++)
        {
            marks[row] = which(_seen[channel][row]) ? 1 : 0;
        }

        return _model.Engine.From<float>(marks, [Rows, 1]);
    }
}
