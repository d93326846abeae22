// How schemas and the other documents of recordings are written as JSON: source-generated, strict about what it reads.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Moments.Curation;

namespace Umwelt.Moments.Internal;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    AllowOutOfOrderMetadataProperties = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SchemaDocument))]
[JsonSerializable(typeof(CurationPlan))]
internal sealed partial class MomentsJson : JsonSerializerContext;

/// <summary>The same on one line each, for files of many documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EpisodeVerdict))]
internal sealed partial class MomentsJsonLines : JsonSerializerContext;

/// <summary>A schema as it stands in files.</summary>
internal sealed record SchemaDocument(double Rate, ImmutableArray<Channel> Channels)
{
    public static SchemaDocument Of(Schema schema) => new(schema.Rate, schema.Channels);

    public Schema ToSchema() => new(Rate, Channels.IsDefault ? [] : Channels);
}
