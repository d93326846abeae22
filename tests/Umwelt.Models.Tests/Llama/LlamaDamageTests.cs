// Every folder that can't become a model is an error of one line that names the file, and in it the key or the tensor; nothing
// is written then.
using System.Text.Json.Nodes;
using Umwelt.Fuzzing;
using Umwelt.Models.Internal.Text.Llama;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Models.Tests.Llama;

public sealed class LlamaDamageTests : IDisposable
{
    private const int FilesOfDamage = 3000;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("llama-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("llama", "model_type", null, "model_type is missing")]
    [InlineData("llama", "model_type", "\"gemma2\"", "model_type is 'gemma2', which is not supported; known are llama, mistral, qwen2 and qwen3")]
    [InlineData("llama", "model_type", "\"qwen3_moe\"", "model_type is 'qwen3_moe'")]
    [InlineData("llama", "model_type", "7", "model_type should be a string, not '7'")]
    [InlineData("llama", "hidden_size", null, "hidden_size is missing")]
    [InlineData("llama", "hidden_size", "0", "hidden_size should be a whole number from 1 to 1048576, not '0'")]
    [InlineData("llama", "hidden_size", "24.5", "hidden_size should be")]
    [InlineData("llama", "vocab_size", "99999999999", "vocab_size should be")]
    [InlineData("llama", "num_hidden_layers", "\"2\"", "num_hidden_layers should be a whole number from 1 to 1024, not '\"2\"'")]
    [InlineData("llama", "num_key_value_heads", "3", "num_key_value_heads is 3, which does not divide the 4 of num_attention_heads")]
    [InlineData("llama", "num_key_value_heads", "8", "num_key_value_heads should be a whole number from 1 to 4")]
    [InlineData("qwen2", "num_key_value_heads", null, "num_key_value_heads is missing")]
    [InlineData("llama", "head_dim", "7", "head_dim is 7; a head has an even number of features")]
    [InlineData("qwen3", "head_dim", null, "head_dim is missing")]
    [InlineData("llama", "hidden_act", "\"gelu\"", "hidden_act is 'gelu', which is not supported; only silu is")]
    [InlineData("llama", "attention_bias", "true", "attention_bias is true, which is not supported")]
    [InlineData("llama", "mlp_bias", "true", "mlp_bias is true, which is not supported")]
    [InlineData("llama", "mlp_bias", "1", "mlp_bias should be true or false")]
    [InlineData("llama", "partial_rotary_factor", "0.5", "partial_rotary_factor is not 1")]
    [InlineData("llama", "rms_norm_eps", "-1e-5", "rms_norm_eps should be a number above 0")]
    [InlineData("llama", "rms_norm_eps", "1e99", "rms_norm_eps should be a number above 0")]
    [InlineData("llama", "quantization_config", """{"quant_method":"gptq","bits":4}""", "quantization_config says that weights are quantised ('gptq')")]
    [InlineData("llama", "rope_scaling", """{"type":"dynamic","factor":2.0}""", "rope_scaling.rope_type is 'dynamic', which is not supported; known are default, linear and llama3")]
    [InlineData("qwen2", "rope_scaling", """{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":32768}""", "'yarn'")]
    [InlineData("llama", "rope_scaling", """{"rope_type":"linear"}""", "rope_scaling.factor is missing")]
    [InlineData("llama", "rope_scaling", """{"rope_type":"linear","factor":0}""", "rope_scaling.factor should be a number above 0")]
    [InlineData("llama", "rope_scaling", """{"rope_type":"linear","factor":2,"attention_factor":3}""", "rope_scaling holds 'attention_factor', which is not supported for linear")]
    [InlineData("llama", "rope_scaling", """{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}""", "rope_scaling.original_max_position_embeddings is missing")]
    [InlineData("llama", "rope_scaling", """{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4,"original_max_position_embeddings":8}""", "rope_scaling.high_freq_factor is 4, which is not above")]
    [InlineData("llama", "rope_scaling", "8", "rope_scaling should be an object, not '8'")]
    [InlineData("llama", "rope_parameters", """{"full_attention":{"rope_type":"default"}}""", "rope_parameters holds 'full_attention'")]
    [InlineData("mistral", "sliding_window", null, "sliding_window is missing; null says that there is none")]
    [InlineData("mistral", "sliding_window", "0", "sliding_window should be a whole number from 1")]
    [InlineData("qwen2", "layer_types", """["full_attention","sliding_attention"]""", "layer_types differs by layer")]
    [InlineData("qwen2", "layer_types", """["full_attention"]""", "layer_types should name full_attention or sliding_attention for each of the 2 layers")]
    [InlineData("qwen2", "layer_types", """["full_attention","chunked_attention"]""", "layer_types should name")]
    [InlineData("qwen2", "max_window_layers", "1", "max_window_layers is 1 of 2: windows of some layers alone are not supported")]
    [InlineData("qwen2", "max_window_layers", null, "max_window_layers is missing")]
    [InlineData("llama", "eos_token_id", "[1,\"two\"]", "eos_token_id should hold whole numbers from 0")]
    [InlineData("llama", "tie_word_embeddings", "\"no\"", "tie_word_embeddings should be true or false")]
    public void A_configuration_that_can_not_be_followed_is_refused_by_its_key(string architecture, string key, string? value, string problem)
    {
        var checkpoint = new LlamaCheckpoint { Architecture = architecture, Window = architecture == "qwen2" ? 8 : 0 };
        var config = checkpoint.MakeConfig();
        config.Remove(key);
        if (value is not null)
        {
            config[key] = JsonNode.Parse(value);
        }

        checkpoint.Write(At("theirs"), config: config);
        AssertRefused("config.json", problem);
    }

    [Theory]
    [InlineData("config.json", "{", "its JSON is broken")]
    [InlineData("config.json", "[]", "should be a JSON object")]
    [InlineData("config.json", "", "its JSON is broken")]
    [InlineData("config.json", """{"model_type":"llama","model_type":"llama"}""", "its JSON is broken")]
    [InlineData("config.json", """{"model_type":"\ud800"}""", "its JSON is broken")]
    [InlineData("generation_config.json", """{"eos_token_id":"</s>"}""", "eos_token_id should hold whole numbers")]
    [InlineData("tokenizer.json", "{}", "model")]
    [InlineData("tokenizer.json", """{"model":{"type":"WordPiece"}}""", "WordPiece")]
    [InlineData("model.safetensors.index.json", """{"weight_map":{"model.norm.weight":"nowhere.safetensors"}}""", "names the file 'nowhere.safetensors', which is missing")]
    [InlineData("model.safetensors.index.json", """{"weight_map":{"model.norm.weight":"../model.safetensors"}}""", "plain name")]
    [InlineData("model.safetensors.index.json", """{"weight_map":{}}""", "it lacks 'model.embed_tokens.weight'")]
    [InlineData("model.safetensors", "", "too few for a safetensors file")]
    public void A_broken_file_is_named(string file, string content, string problem)
    {
        new LlamaCheckpoint().Write(At("theirs"));
        File.WriteAllText(At($"theirs/{file}"), content);
        AssertRefused(file, problem);
    }

    [Theory]
    [InlineData("config.json", "it is missing; a Llama-style folder holds config.json, tokenizer.json and model.safetensors")]
    [InlineData("tokenizer.json", "it is missing; other forms of tokenizers")]
    [InlineData("model.safetensors", "it is missing, and so is model.safetensors.index.json")]
    public void A_missing_file_is_named(string file, string problem)
    {
        new LlamaCheckpoint().Write(At("theirs"));
        File.Delete(At($"theirs/{file}"));
        AssertRefused(file, problem);
    }

    [Fact]
    public void Tensors_that_do_not_belong_together_are_named_with_what_was_found_and_wanted()
    {
        AssertWeights(weights => weights.Remove("lm_head.weight"), "it lacks 'lm_head.weight', and tie_word_embeddings in config.json is not true");
        AssertWeights(weights => weights.Remove("model.layers.1.mlp.up_proj.weight"), "it lacks 'model.layers.1.mlp.up_proj.weight'");
        AssertWeights(weights => weights["model.norm.weight"] = ([23], new double[23]), "'model.norm.weight' is [23]; after config.json it should be [24]");
        AssertWeights(weights => weights["lm_head.weight"] = ([29, 24], new double[29 * 24]), "'lm_head.weight' is [29, 24]; after config.json it should be [28, 24]");
        AssertWeights(weights => weights["model.layers.0.self_attn.o_proj.bias"] = ([24], new double[24]), "it holds 'model.layers.0.self_attn.o_proj.bias', which a model of type llama has not");
        AssertWeights(weights => weights["model.layers.2.mlp.up_proj.weight"] = ([40, 24], new double[40 * 24]), "it holds 'model.layers.2.mlp.up_proj.weight'");
    }

    [Fact]
    public void Weights_of_other_types_are_refused_by_name()
    {
        var writer = new SafetensorsWriter();
        writer.Add("model.embed_tokens.weight", SafetensorsType.Float8E4M3, [28, 24], new byte[28 * 24]);
        new LlamaCheckpoint().Write(At("theirs"));
        writer.Write(At("theirs/model.safetensors"));
        AssertRefused("model.safetensors", "'model.embed_tokens.weight' is of type F8_E4M3, which is not supported; known are F32, F16 and BF16");
    }

    [Fact]
    public void A_tokenizer_with_more_tokens_than_rows_is_refused()
    {
        new LlamaCheckpoint { Vocabulary = 20 }.Write(At("theirs"));
        AssertRefused("tokenizer.json", "it has 28 tokens, more than the 20 of vocab_size in config.json");
    }

    [Fact]
    public void Damaged_configurations_give_one_that_can_be_or_a_clear_error()
    {
        var target = new LlamaConfigFuzz();
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20261120, number);
            Assert.Null(outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 99 / 100);
    }

    [Fact]
    public void What_is_not_known_is_passed_over_however_long_it_is()
    {
        var config = new LlamaCheckpoint().MakeConfig();
        config["more"] = new JsonArray([.. Enumerable.Range(0, 300_000).Select(i => (JsonNode)i)]);
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()));
        Assert.Equal(["more"], LlamaConfig.Read(stream, "test.json").Unknown);
    }

    private void AssertWeights(Action<Dictionary<string, (long[] Shape, double[] Values)>> change, string problem)
    {
        var checkpoint = new LlamaCheckpoint();
        var weights = checkpoint.MakeWeights();
        change(weights);
        checkpoint.Write(At("theirs"), weights);
        AssertRefused("model.safetensors", problem);
    }

    private void AssertRefused(string file, string problem)
    {
        var error = Assert.Throws<InvalidFileException>(() => LlamaFolder.Import(At("theirs"), At("ours")));
        Assert.StartsWith(At($"theirs/{file}"), error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(["theirs"], _folder.EnumerateFileSystemInfos().Select(entry => entry.Name));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
