// The result of a command for programs: one flat JSON object on one line, the last on standard output.
// A figure that is missing, NaN or infinite is null, since JSON has no such numbers.
using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Umwelt.Cli.Output;

internal static class JsonLine
{
    // The line goes to a terminal or a program, never into a web page: no need to escape more than JSON asks for.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Action<Utf8JsonWriter> fill) => Console.WriteLine(Text(fill));

    public static string Text(Action<Utf8JsonWriter> fill)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            fill(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void WriteFigure(this Utf8JsonWriter writer, string key, double? value)
    {
        if (value is { } figure && double.IsFinite(figure))
        {
            writer.WriteNumber(key, figure);
        }
        else
        {
            writer.WriteNull(key);
        }
    }
}
