// Broken indices of sharded models.
using System.Globalization;
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class SafetensorsIndexFuzz : FuzzTarget
{
    private static readonly string[] Escapes =
        ["..", "../", "/", "\\", "C:", "a/b", "\\u0000", "\\u002e\\u002e/", "model.safetensors/../", "CON", "x\u202e", ".hidden"];

    public override string Name => "index";

    public override byte[] Make(ref RandomStream random)
    {
        var text = new StringBuilder("{\"metadata\":{\"total_size\":123},\"weight_map\":{");
        for (int i = 0, count = random.NextInt32(6); i < count; i++)
        {
            var escape = random.NextInt32(12) == 0 ? Escapes[random.NextInt32(Escapes.Length)] : "";
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}\"t{i}\":\"{escape}model-0000{i % 2}-of-00002.safetensors\"");
        }

        var bytes = new List<byte>(Encoding.UTF8.GetBytes(text.Append("}}").ToString()));
        for (var strikes = 1 + random.NextInt32(4); strikes > 0; strikes--)
        {
            JsonDamage.Strike(bytes, ref random);
        }

        return bytes.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        var index = SafetensorsIndex.Read(new MemoryStream(file), name);
        foreach (var shard in index.Files.Values)
        {
            if (Path.GetFileName(shard).Length != shard.Length || shard.Contains('\\', StringComparison.Ordinal) || shard.StartsWith('.'))
            {
                throw new InvalidOperationException("An index leads out of its folder.");
            }
        }
    }
}
