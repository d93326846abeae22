// What a command throws for people to read: the message says what went wrong and what to do about it, in one line.
namespace Umwelt.Cli;

/// <summary>The command was asked for something impossible: exit code 2.</summary>
internal sealed class MisuseException(string message) : Exception(message);

/// <summary>The command could not do what it was asked: exit code 1.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
