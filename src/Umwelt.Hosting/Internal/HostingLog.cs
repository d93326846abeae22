// What the factory tells a program's log, one event a line.
using Microsoft.Extensions.Logging;

namespace Umwelt.Hosting.Internal;

internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "Opened the world {Name}, {Rows} at once")]
    public static partial void OpenedWorld(this ILogger log, string name, int rows);

    [LoggerMessage(2, LogLevel.Information, "Opened a dream of {Model} from {Folder}, {Rows} at once")]
    public static partial void OpenedDream(this ILogger log, string model, string folder, int rows);
}
