// A small Llama-style folder of random weights, as the tests need it: any architecture, any type of weights, whole or in shards.
// Weights are kept in double beside the files, rounded as they are stored, for the reference to compute with.
using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Umwelt.Networks.Text;
using Umwelt.Storage;

namespace Umwelt.Models.Tests.Llama;

internal sealed record LlamaCheckpoint
{
    public const string Alphabet = "abcdefghijklmnopqrstuvwxyz \n";

    public string Architecture { get; init; } = "llama";

    public int Vocabulary { get; init; } = Alphabet.Length;

    public int Width { get; init; } = 24;

    public int Hidden { get; init; } = 40;

    public int Layers { get; init; } = 2;

    public int Heads { get; init; } = 4;

    public int Groups { get; init; } = 2;

    public int HeadSize { get; init; } = 8;

    public int Context { get; init; } = 64;

    public int Window { get; init; }

    public double Epsilon { get; init; } = 1e-5;

    public double Theta { get; init; } = 10000;

    /// <summary>"linear" or "llama3" with a factor of 8, an old context of 16 and bands from 1 to 4.</summary>
    public string? Stretching { get; init; }

    /// <summary>Whether rotary positions are told as newer programs do.</summary>
    public bool TellsRotaryTogether { get; init; }

    public bool IsTied { get; init; }

    public SafetensorsType Type { get; init; } = SafetensorsType.Float32;

    public long LargestFile { get; init; } = long.MaxValue;

    public bool HasBiases => Architecture == "qwen2";

    public bool HasNorms => Architecture == "qwen3";

    /// <summary>Weights by name; what is not there is not written.</summary>
    public Dictionary<string, (long[] Shape, double[] Values)> MakeWeights()
    {
        var weights = new Dictionary<string, (long[], double[])>(StringComparer.Ordinal);
        void Add(string name, double deviation, double mean, params long[] shape)
        {
            var values = new float[shape.Aggregate(1L, (product, length) => product * length)];
            RandomStream.Of(7, weights.Count).FillNormal(values);
            weights.Add(name, (shape, Array.ConvertAll(values, value => Rounded((float)(mean + (deviation * value))))));
        }

        Add("model.embed_tokens.weight", 1, 0, Vocabulary, Width);
        for (var i = 0; i < Layers; i++)
        {
            var layer = $"model.layers.{i}.";
            Add($"{layer}input_layernorm.weight", 0.3, 1, Width);
            Add($"{layer}post_attention_layernorm.weight", 0.3, 1, Width);
            foreach (var (name, heads) in new[] { ("q", Heads), ("k", Groups), ("v", Groups) })
            {
                Add($"{layer}self_attn.{name}_proj.weight", 0.3, 0, heads * HeadSize, Width);
                if (HasBiases)
                {
                    Add($"{layer}self_attn.{name}_proj.bias", 0.5, 0, heads * HeadSize);
                }
            }

            Add($"{layer}self_attn.o_proj.weight", 0.3, 0, Width, Heads * HeadSize);
            if (HasNorms)
            {
                Add($"{layer}self_attn.q_norm.weight", 0.3, 1, HeadSize);
                Add($"{layer}self_attn.k_norm.weight", 0.3, 1, HeadSize);
            }

            Add($"{layer}mlp.gate_proj.weight", 0.3, 0, Hidden, Width);
            Add($"{layer}mlp.up_proj.weight", 0.3, 0, Hidden, Width);
            Add($"{layer}mlp.down_proj.weight", 0.3, 0, Width, Hidden);
        }

        Add("model.norm.weight", 0.3, 1, Width);
        if (!IsTied)
        {
            Add("lm_head.weight", 0.3, 0, Vocabulary, Width);
        }

        return weights;
    }

    public JsonObject MakeConfig()
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("SomethingForCausalLM"),
            ["model_type"] = Architecture,
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = Width,
            ["intermediate_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = Groups,
            ["head_dim"] = HeadSize,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = Context,
            ["rms_norm_eps"] = Epsilon,
            ["tie_word_embeddings"] = IsTied,
            ["sliding_window"] = Window > 0 ? Window : null,
            ["eos_token_id"] = 3,
            ["torch_dtype"] = "float32",
        };
        if (Window > 0 && Architecture != "mistral")
        {
            config["use_sliding_window"] = true;
            config["max_window_layers"] = 0;
        }

        var rotary = Stretching is null ? new JsonObject() : new JsonObject { ["rope_type"] = Stretching, ["factor"] = 8.0 };
        if (Stretching == "llama3")
        {
            rotary["low_freq_factor"] = 1.0;
            rotary["high_freq_factor"] = 4.0;
            rotary["original_max_position_embeddings"] = 16;
        }

        if (TellsRotaryTogether)
        {
            rotary["rope_theta"] = Theta;
            config["rope_parameters"] = rotary;
        }
        else
        {
            config["rope_theta"] = Theta;
            config["rope_scaling"] = Stretching is null ? null : rotary;
        }

        return config;
    }

    /// <summary>Writes the folder and returns its weights; what is given takes the place of what would be made.</summary>
    public IReadOnlyDictionary<string, (long[] Shape, double[] Values)> Write(string folder, Dictionary<string, (long[] Shape, double[] Values)>? weights = null, JsonObject? config = null)
    {
        weights ??= MakeWeights();
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), (config ?? MakeConfig()).ToJsonString());
        Tokenizer.OfCharacters(Alphabet).Write(Path.Combine(folder, Tokenizer.FileName));
        var writer = new SafetensorsWriter();
        foreach (var (name, (shape, values)) in weights)
        {
            writer.Add(name, Type, shape, Stored(values));
        }

        if (LargestFile == long.MaxValue)
        {
            writer.Write(Path.Combine(folder, "model.safetensors"));
        }
        else
        {
            SafetensorsShards.Write(folder, writer, LargestFile);
        }

        return weights;
    }

    private double Rounded(float value) => Type switch
    {
        SafetensorsType.BFloat16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000),
        SafetensorsType.Float16 => (double)(Half)value,
        _ => value,
    };

    private byte[] Stored(double[] values)
    {
        var bytes = new byte[values.Length * Type.ByteSize()];
        for (var i = 0; i < values.Length; i++)
        {
            var place = bytes.AsSpan(i * Type.ByteSize());
            switch (Type)
            {
                case SafetensorsType.BFloat16:
                    BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)(BitConverter.SingleToUInt32Bits((float)values[i]) >> 16));
                    break;
                case SafetensorsType.Float16:
                    BinaryPrimitives.WriteHalfLittleEndian(place, (Half)values[i]);
                    break;
                case SafetensorsType.Float32:
                    BinaryPrimitives.WriteSingleLittleEndian(place, (float)values[i]);
                    break;
            }
        }

        return bytes;
    }
}
