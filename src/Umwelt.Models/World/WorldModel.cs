// The world model: encoders turn each channel of a moment into slots, a backbone remembers slots over time, a decoder infers the
// next moment's slots from what is remembered and what is given, and read-outs make channels of them. A schema in, a model
// out: what a channel means is nowhere known. Saved as a folder: model.json, model.safetensors and, where there is text,
// tokenizer.json.
using System.Collections.Immutable;
using Umwelt.Models.Internal.World;
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models;

/// <summary>A model that predicts the next moment of all channels.</summary>
public sealed partial class WorldModel : IDisposable
{
    private const float Deviation = 0.02f;
    private const string WeightsName = "model.safetensors";
    private readonly Tensor _registers;
    private readonly Tensor _places;
    private readonly Tensor _nextPlaces;
    private readonly Tensor _nothing;
    private readonly Linear _bridge;
    private readonly LayerStack _decoder;
    private readonly int[] _firstSlots;
    private bool _ownsEngine;

    /// <summary>A model that has learnt nothing.</summary>
    /// <param name="engine">Holds the weights.</param>
    /// <param name="schema">What moments hold.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="scales">How numbers are brought to size, a channel each; default leaves them as they are.</param>
    /// <param name="tokenizer">Makes tokens of text; null for one for each byte.</param>
    /// <param name="seed">What the weights begin with.</param>
    public WorldModel(Engine engine, Schema schema, WorldModelOptions options, ImmutableArray<ChannelScale> scales = default, Tokenizer? tokenizer = null, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Engine, Schema, Options) = (engine, schema, options);
        Scales = scales.IsDefault ? [.. schema.Channels.Select(ChannelScale.Unit)] : scales;
        CheckScales();
        Tokenizer = schema.Channels.Any(channel => channel is TextChannel) ? tokenizer ?? Tokenizer.OfBytes() : null;
        Parameters = new ParameterTree(engine, seed);
        Codecs = [.. schema.Channels.Select(channel => CodecOf(channel, Parameters.Under("channels").Under(channel.Name)))];
        _firstSlots = new int[Codecs.Length];
        SlotCount = options.Registers;
        for (var i = 0; i < Codecs.Length; i++)
        {
            _firstSlots[i] = SlotCount;
            SlotCount += Codecs[i].SlotCount;
        }

        var width = options.Width;
        _registers = Parameters.Normal("registers", [Math.Max(1, options.Registers), width], Deviation, ParameterKind.Scale);
        _places = Parameters.Normal("places", [SlotCount, width], Deviation, ParameterKind.Scale);
        _nextPlaces = Parameters.Normal("next_places", [SlotCount - options.Registers, width], Deviation, ParameterKind.Scale);
        _nothing = Parameters.Normal("nothing", [SlotCount, width], Deviation, ParameterKind.Scale);
        Backbone = new LayerStack(Parameters.Under("backbone"), options.StackOf(options.Backbone, options.Registers));
        _bridge = new Linear(Parameters.Under("bridge"), width, width, bias: true);
        _decoder = new LayerStack(Parameters.Under("decoder"), options.StackOf(options.Decoder, options.Registers));
        if (_decoder.TimeMixers.Any(mixer => mixer is not null))
        {
            Parameters.Dispose();
            throw new ArgumentException("decoder: its layers see one moment alone, so only 'space' can stand there.", nameof(options));
        }

        Values = new MomentValues(this);
        Levels = new LevelCache(engine);
    }

    /// <summary>Holds the weights.</summary>
    public Engine Engine { get; }

    /// <summary>What moments hold.</summary>
    public Schema Schema { get; }

    /// <summary>How it is made.</summary>
    public WorldModelOptions Options { get; }

    /// <summary>How numbers are brought to size, a channel each.</summary>
    public ImmutableArray<ChannelScale> Scales { get; }

    /// <summary>Which surprise is usual, a channel each; null for one that was never present, empty where nobody measured it.</summary>
    public ImmutableArray<SurpriseScale?> Surprises { get; set; } = [];

    /// <summary>Makes tokens of text; null where no channel is text.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Its weights by name.</summary>
    public ParameterTree Parameters { get; }

    /// <summary>What remembers.</summary>
    public LayerStack Backbone { get; }

    /// <summary>Slots of a moment, registers first.</summary>
    public int SlotCount { get; }

    internal ImmutableArray<ChannelCodec> Codecs { get; }

    internal MomentValues Values { get; }

    internal LevelCache Levels { get; }

    /// <summary>Dreams that remember nothing yet; reset or prime their rows.</summary>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    /// <param name="rows">How many at once.</param>
    public Dream Dream(long seed = 0, int rows = 1) => new(this, seed, rows);

    /// <summary>Takes over the weights of a model that a folder holds, where they have the names and shapes of this one's; the others stay.</summary>
    /// <returns>How many numbers were taken.</returns>
    /// <exception cref="InvalidFileException">The file of weights is missing or damaged.</exception>
    public long TakeFrom(string folder) => Parameters.LoadWhatFits(Existing(folder, WeightsName));

    /// <summary>Writes a folder. What stood there is replaced, file by file.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="precision">How weights are kept: Float32 as they are, BFloat16 in half as many bytes.</param>
    public void Save(string folder, DataType precision = DataType.Float32)
    {
        Directory.CreateDirectory(folder);
        Tokenizer?.Write(Path.Combine(folder, Tokenizer.FileName));
        WorldModelFile.Write(folder, this);
        Parameters.Save(Path.Combine(folder, WeightsName), precision);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, on an engine of its own.</summary>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static WorldModel Load(string folder)
    {
        var engine = new Engine(new CpuBackend());
        try
        {
            var model = Load(engine, folder);
            model._ownsEngine = true;
            return model;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static WorldModel Load(Engine engine, string folder)
    {
        var (schema, scales, options, surprises) = WorldModelFile.Read(folder);
        var weights = Existing(folder, WeightsName);
        var tokenizer = schema.Channels.Any(channel => channel is TextChannel) ? Tokenizer.Read(Existing(folder, Tokenizer.FileName)) : null;
        WorldModel? model = null;
        try
        {
            model = new WorldModel(engine, schema, options, scales, tokenizer) { Surprises = surprises };
            model.Parameters.Load(weights);
            return model;
        }
        catch (Exception error)
        {
            model?.Dispose();
            throw error is ShapeException ? new InvalidFileException(weights, error.Message, innerException: error)
                : error is ArgumentException or PatternException ? new InvalidFileException(WorldModelFile.PathIn(folder), error.Message, innerException: error)
                : error;
        }
    }

    /// <summary>Frees the weights, and the engine where the model was loaded without one.</summary>
    public void Dispose()
    {
        Levels.Dispose();
        Parameters.Dispose();
        if (_ownsEngine)
        {
            Engine.Dispose();
        }
    }

    private static string Existing(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new InvalidFileException(path, "it is missing");
    }

    private void CheckScales()
    {
        if (Scales.Length != Schema.Channels.Length)
        {
            throw new ArgumentException($"There are {Scales.Length} scales for {Schema.Channels.Length} channels.");
        }

        foreach (var (channel, scale) in Schema.Channels.Zip(Scales))
        {
            var count = channel is VectorChannel vector ? vector.Size : 1;
            if (scale.Mean.IsDefault || scale.Deviation.IsDefault || scale.Mean.Length != count || scale.Deviation.Length != count
                || scale.Mean.Any(mean => !float.IsFinite(mean)) || scale.Deviation.Any(deviation => !(deviation > 0 && float.IsFinite(deviation))))
            {
                throw new ArgumentException($"The scale of channel '{channel.Name}' has not {count} finite means and deviations above 0.");
            }
        }
    }

    private ChannelCodec CodecOf(Channel channel, ParameterTree tree) => channel switch
    {
        ImageChannel image => new PictureCodec(tree, image, StepsOf(channel, Options.PictureSteps), Options),
        SoundChannel => new NumbersCodec(tree, channel, Options.SoundSlots, Options.SoundHidden, StepsOf(channel, Options.SoundSteps), Options),
        VectorChannel => new NumbersCodec(tree, channel, 1, Options.VectorHidden, StepsOf(channel, Options.VectorSteps), Options),
        CategoryChannel category => new CategoryCodec(tree, category, Options),
        TextChannel text => new TextCodec(tree, text, Tokenizer!.VocabularySize, Options),
        _ => throw new ArgumentException($"Channel '{channel.Name}' is of no kind that a model knows."),
    };

    private int StepsOf(Channel channel, int otherwise) => Options.Steps.TryGetValue(channel.Name, out var steps) ? steps : otherwise;
}
