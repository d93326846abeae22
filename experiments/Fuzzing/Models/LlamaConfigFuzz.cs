// Broken configurations of Llama-style models: a sound config.json of some architecture is damaged. What the reader still takes
// must describe a model that can be.
using System.Text;

using Umwelt.Models.Internal.Text.Llama;
using Umwelt.Networks;
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class LlamaConfigFuzz : FuzzTarget
{
    public const string ConfigMemoryBound = "of config.json, 96 bytes for each byte of the file";

    private static readonly string[] Architectures = ["llama", "mistral", "qwen2", "qwen3", "gemma", "qwen3_moe"];

    private static readonly string[] Rotaries =
    [
        "",
        ""","rope_theta":500000.0,"rope_scaling":null""",
        ""","rope_theta":1e6,"rope_scaling":{"type":"linear","factor":2.0}""",
        ""","rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}""",
        ""","rope_parameters":{"rope_type":"default","rope_theta":10000.0}""",
        ""","rope_scaling":{"rope_type":"yarn","factor":4.0}""",
    ];

    private static readonly string[] Windows =
    [
        ""","sliding_window":null""",
        ""","sliding_window":4096""",
        ""","sliding_window":32,"use_sliding_window":true,"max_window_layers":0""",
        ""","sliding_window":32,"use_sliding_window":true,"layer_types":["sliding_attention","sliding_attention"]""",
        ""","sliding_window":32,"use_sliding_window":false,"max_window_layers":21""",
    ];

    private static readonly string[] Others =
    [
        "",
        ""","attention_bias":false,"mlp_bias":false,"pretraining_tp":1""",
        ""","quantization_config":{"quant_method":"awq"}""",
        ""","eos_token_id":[1,2,3],"bos_token_id":0,"tie_word_embeddings":true""",
        ""","architectures":["LlamaForCausalLM"],"unheard_of":{"a":[1,2]}""",
    ];

    public override string Name => "config";

    public override byte[] Make(ref RandomStream random)
    {
        var text = new List<byte>(Encoding.UTF8.GetBytes(
            $$"""
            {"model_type":"{{Pick(Architectures, ref random)}}","vocab_size":32000,"hidden_size":64,"intermediate_size":172,"num_hidden_layers":2,"num_attention_heads":4,
            "num_key_value_heads":2,"head_dim":16,"hidden_act":"silu","max_position_embeddings":2048,"rms_norm_eps":1e-05{{Pick(Rotaries, ref random)}}{{Pick(Windows, ref random)}}{{Pick(Others, ref random)}}}
            """));
        for (var strikes = random.NextInt32(4); strikes > 0; strikes--)
        {
            JsonDamage.Strike(text, ref random);
        }

        return text.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        var config = LlamaConfig.Read(new MemoryStream(file), name);
        var options = config.ToOptions();
        options.Validate();
        options.Stack.RotaryScaling.Validate();
        if (LayerPattern.Parse(options.Stack.Layers).Layers.Length != config.Layers || config.Heads % config.Groups != 0 || config.HeadSize % 2 != 0
            || !float.IsFinite(config.NormEpsilon) || !float.IsFinite(config.RotaryBase))
        {
            throw new InvalidOperationException("A configuration that was taken can't be.");
        }
    }

    protected override long Extra(byte[] file) => 80L * file.Length;

    private static string Pick(string[] choices, ref RandomStream random) => choices[random.NextInt32(choices.Length)];
}
