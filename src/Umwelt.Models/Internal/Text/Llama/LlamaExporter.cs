// From a text model to a Llama-style folder. First the model is told as a configuration, or refused where there is no word for
// what it has; then its tensors are written under their other names.
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.Text.Llama;

internal static class LlamaExporter
{
    private const string WeightsName = "model.safetensors";

    public static string Run(TextModel model, string target, LlamaExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = Describe(model);
        using var made = new AtomicFolder(target);
        AtomicFile.Write(Path.Combine(made.Temporary, LlamaConfig.FileName), stream => Write(config, options, stream));
        model.Tokenizer.Write(Path.Combine(made.Temporary, Tokenizer.FileName));
        WriteWeights(model, config, made.Temporary, options, progress, cancellation);
        made.Commit();
        return config.Architecture;
    }

    private static LlamaConfig Describe(TextModel model)
    {
        var (options, stack) = (model.Options, model.Options.Stack);
        Require(options is { Objective: TextObjective.Next, IsOneMoment: false }, "objective: it learnt to fill in hidden tokens");
        Require(!options.HasHeadBias, "hasHeadBias: the head has a bias");
        var names = model.Parameters.Parameters.Select(parameter => parameter.Key).ToHashSet(StringComparer.Ordinal);
        var pattern = LayerPattern.Parse(stack.Layers);
        AttentionMixerOptions? all = null;
        for (var i = 0; i < pattern.Layers.Length; i++)
        {
            var layer = $"layer {i + 1} of \"{stack.Layers}\"";
            Require(model.Stack.TimeMixers[i] is AttentionMixer, $"{layer} is {pattern.Layers[i].Name}");
            Require(names.Contains($"stack.layers.{i}.feed.gate.weight"), $"{layer} has no feed-forward of the kind swiglu");
            var mixer = ((AttentionMixer)model.Stack.TimeMixers[i]!).Options;
            all ??= mixer;
            Require(mixer with { OutputScale = all.OutputScale } == all, $"{layer} is made unlike the first");
        }

        var attention = all ?? throw new NotSupportedException("a Llama-style folder has no word for a model without layers");
        Require(attention.RotaryBase > 0, "rotaryBase: it has no rotary positions");
        Require(!attention.HasBias || !attention.NormalisesQueriesAndKeys, "hasAttentionBias and normalisesQueriesAndKeys: it has both");
        Require(!model.Parameters.Linears.Any(linear => linear.Value.HasAdapter), "an adapter is attached; merge it first");
        return new LlamaConfig
        {
            Architecture = attention.NormalisesQueriesAndKeys ? LlamaConfig.Qwen3 : attention.HasBias ? LlamaConfig.Qwen2 : attention.Window > 0 ? LlamaConfig.Mistral : LlamaConfig.Llama,
            Vocabulary = model.Vocabulary,
            Width = stack.Width,
            Hidden = model.Parameters.Parameters.First(parameter => parameter.Key == "stack.layers.0.feed.gate.weight").Value.Shape[0],
            Layers = pattern.Layers.Length,
            Heads = attention.Heads,
            Groups = attention.Groups,
            HeadSize = attention.HeadSize,
            Context = stack.Context,
            Window = attention.Window,
            NormEpsilon = stack.NormEpsilon,
            RotaryBase = attention.RotaryBase,
            RotaryScaling = attention.RotaryScaling,
            IsTied = options.IsTied,
            EndTokens = [.. model.EndTokens],
        };
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new NotSupportedException($"a Llama-style folder has no word for this model: {otherwise}");
        }
    }

    private static void Write(LlamaConfig config, LlamaExportOptions options, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue($"{char.ToUpperInvariant(config.Architecture[0])}{config.Architecture[1..]}ForCausalLM");
        json.WriteEndArray();
        json.WriteString("model_type", config.Architecture);
        json.WriteNumber("vocab_size", config.Vocabulary);
        json.WriteNumber("hidden_size", config.Width);
        json.WriteNumber("intermediate_size", config.Hidden);
        json.WriteNumber("num_hidden_layers", config.Layers);
        json.WriteNumber("num_attention_heads", config.Heads);
        json.WriteNumber("num_key_value_heads", config.Groups);
        json.WriteNumber("head_dim", config.HeadSize);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("max_position_embeddings", config.Context);
        json.WriteNumber("rms_norm_eps", config.NormEpsilon);
        json.WriteNumber("rope_theta", config.RotaryBase);
        WriteScaling(config.RotaryScaling, json);
        WriteWindow(config, json);
        json.WriteBoolean("attention_bias", false);
        json.WriteBoolean("tie_word_embeddings", config.IsTied);
        WriteEnd(config, json);
        json.WriteString("torch_dtype", options.RoundsToBFloat16 ? "bfloat16" : "float32");
        json.WriteEndObject();
    }

    private static void WriteScaling(RotaryScaling scaling, Utf8JsonWriter json)
    {
        if (scaling.Factor == 0)
        {
            json.WriteNull("rope_scaling");
            return;
        }

        json.WriteStartObject("rope_scaling");
        json.WriteString("rope_type", scaling.LowFrequency == 0 ? "linear" : "llama3");
        json.WriteNumber("factor", scaling.Factor);
        if (scaling.LowFrequency != 0)
        {
            json.WriteNumber("low_freq_factor", scaling.LowFrequency);
            json.WriteNumber("high_freq_factor", scaling.HighFrequency);
            json.WriteNumber("original_max_position_embeddings", scaling.Context);
        }

        json.WriteEndObject();
    }

    private static void WriteWindow(LlamaConfig config, Utf8JsonWriter json)
    {
        if (config.Window == 0)
        {
            json.WriteNull("sliding_window");
            return;
        }

        json.WriteNumber("sliding_window", config.Window);
        if (config.Architecture != LlamaConfig.Mistral)
        {
            json.WriteBoolean("use_sliding_window", true);
            json.WriteNumber("max_window_layers", 0);
        }
    }

    private static void WriteEnd(LlamaConfig config, Utf8JsonWriter json)
    {
        if (config.EndTokens is [var only])
        {
            json.WriteNumber("eos_token_id", only);
        }
        else if (config.EndTokens.Length > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (var token in config.EndTokens)
            {
                json.WriteNumberValue(token);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("eos_token_id");
        }
    }

    private static void WriteWeights(TextModel model, LlamaConfig config, string folder, LlamaExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var parameters = model.Parameters.Parameters.ToDictionary(StringComparer.Ordinal);
        var type = options.RoundsToBFloat16 ? SafetensorsType.BFloat16 : SafetensorsType.Float32;
        var writer = new SafetensorsWriter { Metadata = { ["format"] = "pt" } };
        var (done, all) = (0L, model.Parameters.Count);
        foreach (var tensor in LlamaTensors.Of(config, config.Vocabulary))
        {
            var weight = parameters[tensor.Ours];
            writer.Add(tensor.Theirs, type, tensor.Shape, stream =>
            {
                cancellation.ThrowIfCancellationRequested();
                Write(weight, options.RoundsToBFloat16, stream);
                progress?.Report((double)(done += weight.Count) / all);
            });
        }

        if (all * type.ByteSize() > options.LargestFile)
        {
            SafetensorsShards.Write(folder, writer, options.LargestFile);
        }
        else
        {
            writer.Write(Path.Combine(folder, WeightsName));
        }
    }

    private static void Write(Tensor weight, bool rounds, Stream stream)
    {
        using var scope = weight.Engine.Scope();
        using var unrecorded = weight.Engine.NoGradient();
        if (rounds)
        {
            Write<BFloat16Bits>(weight.Cast(DataType.BFloat16), stream);
        }
        else
        {
            Write<float>(weight, stream);
        }
    }

    private static void Write<T>(Tensor weight, Stream stream)
        where T : unmanaged
    {
        var numbers = ArrayPool<T>.Shared.Rent(checked((int)weight.Count));
        try
        {
            weight.Read(numbers.AsSpan(0, (int)weight.Count));
            stream.Write(MemoryMarshal.AsBytes(numbers.AsSpan(0, (int)weight.Count)));
        }
        finally
        {
            ArrayPool<T>.Shared.Return(numbers);
        }
    }
}
