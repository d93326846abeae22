// Rows that dream together: their states, and how a moment is inferred and taken in. Within a moment things are inferred in a
// fixed order, motor, then senses and reward, then words, each knowing those before; whatever is given is never inferred.
// A row's numbers do not depend on the rows beside it.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

internal sealed partial class DreamBody : IDisposable
{
    private const int Remembered = 0;
    private const int Inferred = 1;
    private const int FirstChannel = 2;

    // What a row's last value of a channel is.
    private const float Missing = 0;
    private const float Given = 1;
    private const float Own = 2;

    private const int PlacesOfChannel = 1 + PictureScales.Most;
    private readonly WorldModel _model;
    private readonly Chance _chance;
    private readonly Tensor[] _stems;
    private readonly float[][] _seen;
    private readonly long[] _seeds;
    private readonly long[] _moments;
    private readonly StackState _state;
    private DreamMemory _memory;
    private float[] _levels;
    private bool[] _given = [];

    public DreamBody(WorldModel model, int rows)
        : this(model, model.Backbone.CreateState(rows, model.SlotCount), new long[rows])
    {
    }

    /// <summary>Rows that remember a state, which becomes the body's, and are to be primed with the moment that follows it.</summary>
    public DreamBody(WorldModel model, StackState state, ReadOnlySpan<long> seeds)
        : this(model, seeds.Length, state, new DreamMemory(Names(model)))
    {
        var rows = Rows;
        seeds.CopyTo(_seeds);
        using var unrecorded = model.Engine.NoGradient();
        using var scope = model.Engine.Scope();
        _memory.Put(Remembered, model.Nothing(rows));
        _memory.Put(Inferred, model.Engine.Zeros(InferredShape));
        Clear(_memory);
    }

    private DreamBody(WorldModel model, int rows, StackState state, DreamMemory memory)
    {
        (_model, _state, _memory, Rows) = (model, state, memory, rows);
        var channels = model.Codecs.Length;
        _chance = new Chance(model.Engine, model.Levels);
        _stems = new Tensor[channels];
        _levels = new float[rows];
        _seen = new float[channels][];
        for (var c = 0; c < channels; c++)
        {
            _seen[c] = new float[rows];
        }

        _seeds = new long[rows];
        _moments = new long[rows];
    }

    public int Rows { get; }

    /// <summary>Bytes of what it remembers.</summary>
    public long Bytes => _state.Bytes + _memory.Bytes;

    /// <summary>Whether channels that only people look at are read out with every moment.</summary>
    public bool Renders { get; set; } = true;

    /// <summary>Makes a row one that remembers nothing.</summary>
    public void Forget(int row, long seed)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        _state.Reset(row);
        _memory = _memory.Own();
        _memory[Remembered].Slice(0, row, 1).CopyFrom(_model.Nothing(1));
        for (var c = 0; c < _seen.Length; c++)
        {
            _seen[c][row] = Missing;
        }

        (_seeds[row], _moments[row]) = (seed, 0);
    }

    /// <summary>A body that goes its own way from here.</summary>
    public DreamBody Fork()
    {
        var fork = new DreamBody(_model, Rows, _state.Fork(), _memory.Share()) { Renders = Renders };
        CopyNumbers(fork);
        return fork;
    }

    /// <summary>A body of some of the rows.</summary>
    public DreamBody Gather(ReadOnlySpan<int> rows)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        var indices = _model.Engine.From(rows, [rows.Length]);
        var memory = new DreamMemory(Names(_model));
        for (var i = 0; i < memory.Count; i++)
        {
            if (!_memory[i].IsDefault)
            {
                memory.Put(i, _memory[i].IndexSelect(0, indices));
            }
        }

        var part = new DreamBody(_model, rows.Length, _state.Gather(rows), memory) { Renders = Renders };
        for (var i = 0; i < rows.Length; i++)
        {
            (part._seeds[i], part._moments[i]) = (_seeds[rows[i]], _moments[rows[i]]);
            for (var c = 0; c < _seen.Length; c++)
            {
                part._seen[c][i] = _seen[c][rows[i]];
            }
        }

        return part;
    }

    /// <summary>Takes over what became of some of the rows.</summary>
    public void Scatter(DreamBody part, ReadOnlySpan<int> rows)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        _state.Scatter(part._state, rows);
        _memory = _memory.Own();
        for (var k = 0; k < rows.Length; k++)
        {
            var row = rows[k];
            for (var i = 0; i < _memory.Count; i++)
            {
                if (!_memory[i].IsDefault)
                {
                    _memory[i].Slice(0, row, 1).CopyFrom(part._memory[i].Slice(0, k, 1));
                }
            }

            (_seeds[row], _moments[row]) = (part._seeds[k], part._moments[k]);
            for (var c = 0; c < _seen.Length; c++)
            {
                _seen[c][row] = part._seen[c][k];
            }
        }
    }

    public void Dispose()
    {
        _state.Dispose();
        _memory.Dispose();
    }

    // Slots of all channels, without registers.
    private Shape InferredShape => [Rows, _model.SlotCount - _model.Options.Registers, _model.Options.Width];

    private void CopyNumbers(DreamBody target)
    {
        _seeds.CopyTo(target._seeds, 0);
        _moments.CopyTo(target._moments, 0);
        for (var c = 0; c < _seen.Length; c++)
        {
            _seen[c].CopyTo(target._seen[c], 0);
        }
    }

    // "remembered", "inferred", and for each channel its value and a picture's features.
    private static string[] Names(WorldModel model)
    {
        var names = new string[FirstChannel + (model.Codecs.Length * PlacesOfChannel)];
        (names[Remembered], names[Inferred]) = ("remembered", "inferred");
        for (var c = 0; c < model.Codecs.Length; c++)
        {
            for (var i = 0; i < PlacesOfChannel; i++)
            {
                names[Place(c, i)] = i == 0 ? $"channels.{c}.value" : $"channels.{c}.features.{i - 1}";
            }
        }

        return names;
    }

    private static int Place(int channel, int part) => FirstChannel + (channel * PlacesOfChannel) + part;

    // Every tensor there will be, so that rows can be copied before anything was seen.
    private void Clear(DreamMemory memory)
    {
        var nothing = new MomentBatch(_model.Schema, Rows);
        _levels.AsSpan().Fill(1);
        var levels = _model.Levels.Of(_levels);
        for (var c = 0; c < _model.Codecs.Length; c++)
        {
            _ = _model.Codecs[c].Encode(_model.Values.Read(nothing, c, 0, Rows), levels, out var seen);
            Put(memory, c, seen);
        }
    }

    private static void Put(DreamMemory memory, int channel, in ChannelMemory seen)
    {
        if (!seen.Value.IsDefault)
        {
            memory.Put(Place(channel, 0), seen.Value);
        }

        for (var i = 0; i < PictureScales.Most && !seen.Scales[i].IsDefault; i++)
        {
            memory.Put(Place(channel, 1 + i), seen.Scales[i]);
        }
    }

    private ChannelMemory MemoryOf(int channel)
    {
        ChannelMemory memory = default;
        memory.Value = _memory[Place(channel, 0)];
        memory.IsGiven = _model.Codecs[channel].AsksWhatWasGiven ? GivenOf(channel) : default;
        for (var i = 0; i < PictureScales.Most; i++)
        {
            memory.Scales[i] = _memory[Place(channel, 1 + i)];
        }

        return memory;
    }
}
