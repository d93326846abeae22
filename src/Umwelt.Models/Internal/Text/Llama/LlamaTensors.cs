// Which tensors a Llama-style model has: their names there, their names here, and their shapes. Every tensor has the same layout
// in both, so that importing and exporting are renaming.
namespace Umwelt.Models.Internal.Text.Llama;

/// <summary>A tensor under both its names.</summary>
/// <param name="Theirs">In a Llama-style folder.</param>
/// <param name="Ours">In a text model.</param>
/// <param name="Shape">As this program has it.</param>
/// <param name="IsTable">Whether it has a row for each token; a folder's may have more rows than there are tokens.</param>
internal readonly record struct LlamaTensor(string Theirs, string Ours, long[] Shape, bool IsTable = false);

internal static class LlamaTensors
{
    public const string Head = "lm_head.weight";

    /// <summary>Old folders keep the frequencies of rotary positions too, which follow from the configuration.</summary>
    public const string FrequenciesSuffix = ".rotary_emb.inv_freq";

    public static IEnumerable<LlamaTensor> Of(LlamaConfig config, int vocabulary)
    {
        long width = config.Width, queries = (long)config.Heads * config.HeadSize, keys = (long)config.Groups * config.HeadSize;
        yield return new LlamaTensor("model.embed_tokens.weight", "embedding.weight", [vocabulary, width], IsTable: true);
        for (var i = 0; i < config.Layers; i++)
        {
            var (theirs, ours) = ($"model.layers.{i}", $"stack.layers.{i}");
            yield return new LlamaTensor($"{theirs}.input_layernorm.weight", $"{ours}.mixer_norm.weight", [width]);
            foreach (var (their, our, outputs) in ((string, string, long)[])[("q", "query", queries), ("k", "key", keys), ("v", "value", keys)])
            {
                yield return new LlamaTensor($"{theirs}.self_attn.{their}_proj.weight", $"{ours}.mixer.{our}.weight", [outputs, width]);
                if (config.HasBiases)
                {
                    yield return new LlamaTensor($"{theirs}.self_attn.{their}_proj.bias", $"{ours}.mixer.{our}.bias", [outputs]);
                }
            }

            yield return new LlamaTensor($"{theirs}.self_attn.o_proj.weight", $"{ours}.mixer.output.weight", [width, queries]);
            if (config.NormalisesQueriesAndKeys)
            {
                yield return new LlamaTensor($"{theirs}.self_attn.q_norm.weight", $"{ours}.mixer.query_norm.weight", [config.HeadSize]);
                yield return new LlamaTensor($"{theirs}.self_attn.k_norm.weight", $"{ours}.mixer.key_norm.weight", [config.HeadSize]);
            }

            yield return new LlamaTensor($"{theirs}.post_attention_layernorm.weight", $"{ours}.feed_norm.weight", [width]);
            yield return new LlamaTensor($"{theirs}.mlp.gate_proj.weight", $"{ours}.feed.gate.weight", [config.Hidden, width]);
            yield return new LlamaTensor($"{theirs}.mlp.up_proj.weight", $"{ours}.feed.up.weight", [config.Hidden, width]);
            yield return new LlamaTensor($"{theirs}.mlp.down_proj.weight", $"{ours}.feed.down.weight", [width, config.Hidden]);
        }

        yield return new LlamaTensor("model.norm.weight", "stack.norm.weight", [width]);
        if (!config.IsTied)
        {
            yield return new LlamaTensor(Head, "head.weight", [vocabulary, width], IsTable: true);
        }
    }
}
