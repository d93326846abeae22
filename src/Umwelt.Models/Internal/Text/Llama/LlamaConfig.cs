// What config.json says of a Llama-style model, checked: the shapes of its tensors follow from this alone. What would change the
// arithmetic and can't be followed here is refused by its key; keys that change nothing are passed over.
// Sources: Touvron et al., arXiv 2302.13971; Jiang et al., arXiv 2310.06825 (windows); Yang et al., arXiv 2407.10671 (biases);
// Yang et al., arXiv 2505.09388 (norms of queries and keys); Dubey et al., arXiv 2407.21783 (stretched rotary positions).
using System.Collections.Immutable;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.Text.Llama;

internal sealed record LlamaConfig
{
    public const string FileName = "config.json";
    public const string Llama = "llama";
    public const string Mistral = "mistral";
    public const string Qwen2 = "qwen2";
    public const string Qwen3 = "qwen3";
    private const int MostTokens = 1 << 24;
    private const int MostWidth = 1 << 20;
    private const int MostHidden = 1 << 24;
    private const int MostHeads = 4096;
    private const int MostContext = 1 << 24;
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    public required string Architecture { get; init; }

    public required int Vocabulary { get; init; }

    public required int Width { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int Groups { get; init; }

    public required int HeadSize { get; init; }

    public required int Context { get; init; }

    /// <summary>0 where every token sees all before it.</summary>
    public int Window { get; init; }

    public required float NormEpsilon { get; init; }

    public required float RotaryBase { get; init; }

    public RotaryScaling RotaryScaling { get; init; }

    public bool IsTied { get; init; }

    /// <summary>Tokens that end a text; empty where nothing says so.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];

    /// <summary>Keys of the file that this program does not know.</summary>
    public ImmutableArray<string> Unknown { get; init; } = [];

    public bool HasBiases => Architecture == Qwen2;

    public bool NormalisesQueriesAndKeys => Architecture == Qwen3;

    /// <summary>Reads a model's config.json; <paramref name="name"/> is used in errors.</summary>
    /// <exception cref="InvalidFileException">It is broken, or asks for what this program can't do; the key is named.</exception>
    public static LlamaConfig Read(Stream stream, string name)
    {
        var file = ConfigObject.Read(stream, name);
        var architecture = file.Text("model_type") ?? throw file.Wrong("model_type", "is missing");
        if (architecture is not (Llama or Mistral or Qwen2 or Qwen3))
        {
            throw file.Wrong("model_type", $"is {ConfigObject.Quote(architecture)}, which is not supported; known are {Llama}, {Mistral}, {Qwen2} and {Qwen3}");
        }

        RefuseOthers(file);
        var width = file.Whole("hidden_size", 1, MostWidth);
        var heads = file.Whole("num_attention_heads", 1, MostHeads);
        var groups = file.Whole("num_key_value_heads", 1, heads, architecture == Llama ? heads : null);
        if (heads % groups != 0)
        {
            throw file.Wrong("num_key_value_heads", $"is {groups}, which does not divide the {heads} of num_attention_heads");
        }

        var layers = file.Whole("num_hidden_layers", 1, LayerPattern.MostLayers);
        var (rotaryBase, scaling) = RotaryOf(file);
        var config = new LlamaConfig
        {
            Architecture = architecture,
            Vocabulary = file.Whole("vocab_size", 1, MostTokens),
            Width = width,
            Hidden = file.Whole("intermediate_size", 1, MostHidden),
            Layers = layers,
            Heads = heads,
            Groups = groups,
            HeadSize = HeadSizeOf(file, architecture, width, heads),
            Context = file.Whole("max_position_embeddings", 1, MostContext, architecture == Llama ? 2048 : null),
            Window = WindowOf(file, architecture, layers),
            NormEpsilon = file.Positive("rms_norm_eps", 1e-6f),
            RotaryBase = rotaryBase,
            RotaryScaling = scaling,
            IsTied = file.Flag("tie_word_embeddings", otherwise: false),
            EndTokens = [.. file.Numbers("eos_token_id", MostTokens).Distinct()],
        };
        file.PassOver(
            "architectures", "attention_dropout", "bos_token_id", "pad_token_id", "torch_dtype", "dtype", "transformers_version", "use_cache", "initializer_range", "pretraining_tp", "_name_or_path");
        return config with { Unknown = [.. file.Untaken] };
    }

    /// <summary>Reads the tokens that end a text from a model's generation_config.json.</summary>
    public static ImmutableArray<int> ReadEndTokens(Stream stream, string name) => [.. ConfigObject.Read(stream, name).Numbers("eos_token_id", MostTokens).Distinct()];

    /// <summary>How the same model is made here.</summary>
    public TextModelOptions ToOptions() => new()
    {
        IsTied = IsTied,
        Stack = new StackOptions
        {
            Layers = Window > 0 ? $"attention(window: {Window})x{Layers}" : $"attentionx{Layers}",
            Width = Width,
            Heads = Heads,
            Groups = Groups,
            HeadSize = HeadSize,
            Context = Context,
            NormalisesQueriesAndKeys = NormalisesQueriesAndKeys,
            RotaryBase = RotaryBase,
            RotaryScaling = RotaryScaling,
            HasAttentionBias = HasBiases,
            Hidden = Hidden,
            NormEpsilon = NormEpsilon,
        },
    };

    // What changes the arithmetic in ways that layers here have no word for.
    private static void RefuseOthers(ConfigObject file)
    {
        if (file.Object("quantization_config") is { } quantised)
        {
            throw file.Wrong("quantization_config", $"says that weights are quantised ({ConfigObject.Quote(quantised.Text("quant_method") ?? "?")}), which is not supported; take the folder of the weights in BF16, F16 or F32");
        }

        if (file.Text("hidden_act") is { } activation and not ("silu" or "swish"))
        {
            throw file.Wrong("hidden_act", $"is {ConfigObject.Quote(activation)}, which is not supported; only silu is");
        }

        foreach (var key in (string[])["attention_bias", "mlp_bias"])
        {
            if (file.Flag(key, otherwise: false))
            {
                throw file.Wrong(key, "is true, which is not supported: besides queries, keys and values of qwen2 no layer here has biases");
            }
        }

        if (file.Positive("partial_rotary_factor", 1) != 1)
        {
            throw file.Wrong("partial_rotary_factor", "is not 1, which is not supported");
        }
    }

    private static int HeadSizeOf(ConfigObject file, string architecture, int width, int heads)
    {
        const int Most = 4096;
        var size = file.Has("head_dim") || architecture == Qwen3 ? file.Whole("head_dim", 1, Most)
            : width % heads == 0 ? width / heads
            : throw file.Wrong("num_attention_heads", $"is {heads}, which does not divide the {width} of hidden_size, and head_dim is missing");
        return size is <= Most && size % 2 == 0 ? size : throw file.Wrong("head_dim", $"is {size}; a head has an even number of features up to {Most}");
    }

    // Windows are of all layers alike or of none; which layers have one is said in three ways.
    private static int WindowOf(ConfigObject file, string architecture, int layers)
    {
        if (architecture == Mistral && !file.Says("sliding_window"))
        {
            throw file.Wrong("sliding_window", "is missing; null says that there is none");
        }

        var window = file.Has("sliding_window") ? file.Whole("sliding_window", 1, MostContext) : 0;
        var isUsed = file.Flag("use_sliding_window", otherwise: architecture == Mistral) && window > 0 && architecture != Llama;
        var types = file.Texts("layer_types");
        var first = file.Whole("max_window_layers", 0, int.MaxValue, isUsed && architecture != Mistral && types is null ? null : 0);
        if (types is not null)
        {
            if (types.Count != layers || types.Any(type => type is not (Full or Sliding)))
            {
                throw file.Wrong("layer_types", $"should name {Full} or {Sliding} for each of the {layers} layers; others are not supported");
            }

            if (isUsed && types.Distinct(StringComparer.Ordinal).Count() > 1)
            {
                throw file.Wrong("layer_types", "differs by layer: windows of some layers alone are not supported");
            }

            first = types[0] == Full ? layers : 0;
        }

        return !isUsed || first >= layers ? 0
            : first == 0 ? window
            : throw file.Wrong("max_window_layers", $"is {first} of {layers}: windows of some layers alone are not supported");
    }

    private static (float Base, RotaryScaling Scaling) RotaryOf(ConfigObject file)
    {
        var otherwise = file.Positive("rope_theta", 10000);
        var (key, rotary) = file.Object("rope_parameters") is { } parameters ? ("rope_parameters", parameters) : ("rope_scaling", file.Object("rope_scaling"));
        file.PassOver("rope_scaling");
        if (rotary is null)
        {
            return (otherwise, default);
        }

        var frequencyBase = rotary.Positive("rope_theta", otherwise);
        var kind = rotary.Text("rope_type") ?? rotary.Text("type") ?? "default";
        rotary.PassOver("type");
        var scaling = kind switch
        {
            "default" => default,
            "linear" => new RotaryScaling(rotary.Positive("factor")),
            "llama3" => new RotaryScaling(
                rotary.Positive("factor"), rotary.Positive("low_freq_factor"), rotary.Positive("high_freq_factor"), rotary.Whole("original_max_position_embeddings", 1, MostContext)),
            _ => throw rotary.Wrong("rope_type", $"is {ConfigObject.Quote(kind)}, which is not supported; known are default, linear and llama3"),
        };
        if (kind == "llama3" && scaling.HighFrequency <= scaling.LowFrequency)
        {
            throw rotary.Wrong("high_freq_factor", $"is {scaling.HighFrequency}, which is not above the {scaling.LowFrequency} of low_freq_factor");
        }

        return rotary.Untaken is [var unknown, ..] ? throw file.Wrong(key, $"holds {ConfigObject.Quote(unknown)}, which is not supported for {kind}") : (frequencyBase, scaling);
    }
}
