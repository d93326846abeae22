// Moments out of JSON, an object a line, as `umwelt export jsonl` writes them: channels by name, null or nothing where one is absent.
// What it does not know is an error that names the line, since a mistyped channel would be silence that surprises nobody.
using System.Text;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Storage.Internal;

namespace Umwelt.Cli.Watch;

internal sealed class MomentLines(Schema schema, string source)
{
    private const int LongestLine = 1 << 24;
    private static readonly string[] Own = ["episode", "time", "ending"];

    /// <summary>How many lines have been read.</summary>
    public long Line { get; private set; }

    /// <summary>What the last line calls its time, or null.</summary>
    public double? Time { get; private set; }

    /// <summary>Whether the last line begins another episode than the one before.</summary>
    public bool IsNew { get; private set; } = true;

    private string? _episode;
    private bool _hasEnded;

    /// <summary>Reads a line into a row of one; false for an empty one.</summary>
    /// <exception cref="CommandFailedException">It is no moment of the schema.</exception>
    public bool Read(string line, MomentBatch moments)
    {
        Line++;
        if (string.IsNullOrWhiteSpace(line))
        {
            return false;
        }

        if (line.Length > LongestLine)
        {
            throw Wrong($"it has {line.Length} characters; a moment has at most {LongestLine}");
        }

        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Wrong("a moment is an object with channels");
            }

            moments.Clear();
            var episode = _episode;
            var ends = false;
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (schema.Find(property.Name.TrimEnd('_')) is { } channel && (schema.Find(property.Name) is not null || Own.Contains(property.Name.TrimEnd('_'), StringComparer.Ordinal)))
                {
                    Read(property.Value, moments, channel);
                }
                else if (property.Name == "episode")
                {
                    episode = property.Value.GetRawText();
                }
                else if (property.Name == "time")
                {
                    Time = property.Value.ValueKind == JsonValueKind.Number ? property.Value.GetDouble() : null;
                }
                else if (property.Name == "ending")
                {
                    ends = property.Value.ValueKind == JsonValueKind.String && property.Value.GetString()!.Length > 0;
                }
                else
                {
                    var names = schema.Channels.Select(static one => one.Name);
                    throw Wrong($"the model has no channel '{Shown(property.Name)}'; {(NearestName.Of(property.Name, names) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", names)}")}");
                }
            }

            IsNew = Line == 1 || _hasEnded || episode != _episode;
            (_episode, _hasEnded) = (episode, ends);
            return true;
        }
        catch (JsonException)
        {
            throw Wrong("it is no JSON");
        }
    }

    private static string Shown(string name) => string.Concat(name.Take(60).Select(static letter => char.IsControl(letter) ? ' ' : letter));

    private void Read(JsonElement value, MomentBatch moments, int index)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var channel = schema.Channels[index];
        switch (channel)
        {
            case VectorChannel { Size: 1 } when value.ValueKind == JsonValueKind.Number:
                moments.Vector(index, 0)[0] = Number(value, channel);
                break;
            case VectorChannel vector:
                if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != vector.Size)
                {
                    throw Wrong($"'{channel.Name}' is {vector.Size} numbers");
                }

                for (var i = 0; i < vector.Size; i++)
                {
                    moments.Vector(index, 0)[i] = Number(value[i], channel);
                }

                break;
            case CategoryChannel category:
                var number = value.ValueKind switch
                {
                    JsonValueKind.True => 1,
                    JsonValueKind.False => 0,
                    JsonValueKind.String when !category.Labels.IsDefault => category.Labels.IndexOf(value.GetString()!),
                    JsonValueKind.Number when value.TryGetInt32(out var given) => given,
                    _ => -1,
                };
                moments.Category(index, 0) = (uint)number < (uint)category.Count ? number : throw Wrong($"'{channel.Name}' is one of {category.Count}, from 0{(category.Labels.IsDefault ? "" : $", or {string.Join(", ", category.Labels)}")}");
                break;
            case TextChannel when value.ValueKind == JsonValueKind.String:
                var text = Encoding.UTF8.GetBytes(value.GetString()!);
                moments.SetText(index, 0, text.Length <= TextChannel.LongestText ? text : throw Wrong($"'{channel.Name}' has {text.Length} bytes of text"));
                break;
            case ImageChannel or SoundChannel when value.ValueKind == JsonValueKind.String:
                if (!value.TryGetBytesFromBase64(out var bytes) || bytes.Length != channel.ByteCount)
                {
                    throw Wrong($"'{channel.Name}' is {channel.ByteCount} bytes as base64");
                }

                bytes.CopyTo(moments.Bytes(index, 0));
                break;
            default:
                throw Wrong($"'{channel.Name}' is {channel.Kind}");
        }

        moments.SetPresent(index, 0);
    }

    private float Number(JsonElement value, Channel channel) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number) ? number : throw Wrong($"'{channel.Name}' holds what is no number");

    private CommandFailedException Wrong(string problem) => new(FormattableString.Invariant($"{source}, line {Line}: {problem}."));
}
