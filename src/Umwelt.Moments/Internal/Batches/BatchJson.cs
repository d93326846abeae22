// How positions of batches and priorities are written as JSON.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Internal.Batches;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BatchState))]
internal sealed partial class BatchJson : JsonSerializerContext;
