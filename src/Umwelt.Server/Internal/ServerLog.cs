// What a server writes into its log: each event once, with its parts by name. Nothing a client sends is written unescaped, and
// no token at all.
using Microsoft.Extensions.Logging;

namespace Umwelt.Server.Internal;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening at {Address} with the worlds {Worlds}")]
    public static partial void Listening(this ILogger log, string address, string worlds);

    [LoggerMessage(2, LogLevel.Information, "Session {Session} of {World} began for {Client}")]
    public static partial void SessionBegan(this ILogger log, string session, string world, string client);

    [LoggerMessage(3, LogLevel.Information, "Session {Session} of {World} ended: {Reason}")]
    public static partial void SessionEnded(this ILogger log, string session, string world, string reason);

    [LoggerMessage(4, LogLevel.Error, "The world {World} failed")]
    public static partial void WorldFailed(this ILogger log, string world, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "Refused {Client}: {Reason}")]
    public static partial void Refused(this ILogger log, string client, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Recording {Recording} stopped: {Problem}")]
    public static partial void RecordingStopped(this ILogger log, string recording, string problem);

    [LoggerMessage(7, LogLevel.Error, "A request for {Path} failed")]
    public static partial void RequestFailed(this ILogger log, string path, Exception error);

    [LoggerMessage(9, LogLevel.Warning, "Sessions can't be saved, so nobody comes back to them after a restart: {Problem}")]
    public static partial void SessionsNotSaved(this ILogger log, string problem);

    [LoggerMessage(10, LogLevel.Warning, "A session of an earlier run can't be brought back: {Problem}")]
    public static partial void SessionNotRestored(this ILogger log, string problem);

    [LoggerMessage(11, LogLevel.Information, "A training has begun as process {Process}")]
    public static partial void TrainingStarted(this ILogger log, int process);

    [LoggerMessage(12, LogLevel.Warning, "The training broke off: {Problem}")]
    public static partial void TrainingFailed(this ILogger log, string problem);

    [LoggerMessage(13, LogLevel.Information, "{World} is dreamed by a newer model from now on")]
    public static partial void Renewed(this ILogger log, string world);

    [LoggerMessage(14, LogLevel.Warning, "{World} has a newer model that can't be dreamed: {Problem}")]
    public static partial void NotRenewed(this ILogger log, string world, string problem);

    [LoggerMessage(8, LogLevel.Information, "Stopping")]
    public static partial void Stopping(this ILogger log);
}
