// A schedule in a configuration: 64, or { "0": 64, "0.5": 128, "gradual": true } with the shares of the run as keys.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Umwelt.Learning.Internal;

internal sealed class StagedScheduleConverter : JsonConverter<StagedSchedule>
{
    private const string Gradual = "gradual";

    public override StagedSchedule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return StagedSchedule.Constant(reader.GetDouble());
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a schedule is a number, or an object such as { \"0\": 64, \"0.5\": 128 }");
        }

        var stages = new List<Stage>();
        var isGradual = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (string.Equals(key, Gradual, StringComparison.Ordinal))
            {
                isGradual = reader.TokenType is JsonTokenType.True or JsonTokenType.False
                    ? reader.GetBoolean()
                    : throw new JsonException("a schedule's 'gradual' is true or false");
            }
            else if (double.TryParse(key, NumberStyles.Float, CultureInfo.InvariantCulture, out var from) && reader.TokenType == JsonTokenType.Number)
            {
                stages.Add(new Stage(from, reader.GetDouble()));
            }
            else
            {
                throw new JsonException($"a schedule's keys are shares of the run with numbers, or '{Gradual}'; not '{key}'");
            }
        }

        try
        {
            return new StagedSchedule([.. stages], isGradual);
        }
        catch (ArgumentException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, StagedSchedule value, JsonSerializerOptions options)
    {
        if (value.Stages.Count == 1)
        {
            writer.WriteNumberValue(value.Stages[0].Value);
            return;
        }

        writer.WriteStartObject();
        foreach (var stage in value.Stages)
        {
            writer.WriteNumber(stage.From.ToString("R", CultureInfo.InvariantCulture), stage.Value);
        }

        if (value.IsGradual)
        {
            writer.WriteBoolean(Gradual, true);
        }

        writer.WriteEndObject();
    }
}
