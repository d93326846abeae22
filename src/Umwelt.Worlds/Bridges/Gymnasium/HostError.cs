// Turns what a host says has gone wrong into an error for people: what, in which row, where in whose Python file, and what
// to do where something is missing.
using System.Text.Json;

namespace Umwelt.Worlds.Bridges.Gymnasium;

internal static class HostError
{
    public static WorldException Read(ReadOnlySpan<byte> body, string world, string python, HostProcess host)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            var error = document.RootElement;
            var message = OneLine(error.GetProperty("message").GetString()!);
            var type = error.GetProperty("type").GetString();
            var row = error.GetProperty("row") is { ValueKind: JsonValueKind.Number } number ? $" in row {number.GetInt32()}" : "";
            var where = error.GetProperty("where").GetString() is { } place ? $" ({place})" : "";
            var problem = error.GetProperty("kind").GetString() switch
            {
                "missing" => $"Gymnasium is not installed for {message}; install it with '{python} -m pip install gymnasium', or name another Python in {GymnasiumOptions.PythonVariable}",
                "exit" => $"the environment asked Python to exit{row}{where}",
                "exception" => $"the environment raised {type}{row}: {message}{where}",
                _ => $"{message}{row}",
            };
            var printed = host.Printed();
            var details = error.GetProperty("traceback").GetString();
            return new WorldException(world, problem, printed is null ? details : details is null ? printed : $"{details}\n{printed}");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return host.Broken("its error is no JSON of this protocol", error);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
