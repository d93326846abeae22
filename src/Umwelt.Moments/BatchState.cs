// Where a source of batches stands, as a few whole numbers: a checkpoint holds it, and the next batch is then the same bit
// for bit as if training had never stopped.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Moments.Internal.Batches;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>Where a source of batches stands after a batch.</summary>
/// <param name="Source">The kind of source.</param>
/// <param name="Data">Names the recordings and options it belongs to; with others it can't be used.</param>
/// <param name="Numbers">The position.</param>
public sealed record BatchState(string Source, string Data, ImmutableArray<long> Numbers)
{
    /// <summary>Equal sources, data and positions.</summary>
    public bool Equals(BatchState? other) =>
        other is not null && string.Equals(Source, other.Source, StringComparison.Ordinal) && string.Equals(Data, other.Data, StringComparison.Ordinal)
        && Numbers.AsSpan().SequenceEqual(other.Numbers.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Data, Numbers.IsDefaultOrEmpty ? 0 : Numbers[0]);

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, BatchJson.Default.BatchState);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidFileException">It is no state; <paramref name="source"/> is named in the message.</exception>
    public static BatchState FromJson(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize(json, BatchJson.Default.BatchState) is { Numbers.IsDefault: false } state
                ? state
                : throw new InvalidFileException(source, "holds no position of batches");
        }
        catch (JsonException error)
        {
            throw new InvalidFileException(source, error.Message, innerException: error);
        }
    }
}
