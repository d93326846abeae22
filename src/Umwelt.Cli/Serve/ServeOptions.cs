// The options that `serve` and `play` share, and how they become a server's own.
using System.CommandLine;
using System.Net;
using Umwelt.Server;

namespace Umwelt.Cli.Serve;

internal sealed class ServeOptions
{
    private const string TokenVariable = "UMWELT_TOKEN";

    private static readonly ServerOptions s_usual = new();

    public Option<int> Port { get; } = new("--port") { Description = "The port; 0 takes a free one.", HelpName = "NUMBER", DefaultValueFactory = _ => s_usual.Port };

    public Option<string> Host { get; } = new("--host") { Description = "The address to listen at; any but 127.0.0.1 needs a token.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };

    public Option<string[]> Name { get; } = new("--name") { Description = "A name by which browsers may call the server, such as a proxy's.", HelpName = "NAME" };

    public Option<string?> Token { get; } = new("--token") { Description = $"What every client has to show; the variable {TokenVariable} keeps it off the command line.", HelpName = "TEXT" };

    public Option<string?> Truth { get; } = new("--truth") { Description = "The world to run beside a dream; the one it was learnt from unless said, 'none' for none.", HelpName = "WORLD" };

    public Option<string?> From { get; } = new("--from") { Description = "A recording whose moments dreams begin in.", HelpName = "FOLDER" };

    public Option<bool> Open { get; } = new("--open") { Description = "Open the page in a browser." };

    public void AddTo(Command command)
    {
        command.Add(Port);
        command.Add(Host);
        command.Add(Name);
        command.Add(Token);
        command.Add(Truth);
        command.Add(From);
        command.Add(Open);
    }

    /// <summary>A server of these worlds, each of which has been opened once, so that a wrong name is said here and not to the
    /// first who comes. Folders of models are shown as dreams, with the truth as a world of its own after them.</summary>
    public ServerOptions Of(ParseResult parsed, IReadOnlyList<string> worlds, string? data)
    {
        var dreams = new ServedDreams(parsed.GetValue(Truth), parsed.GetValue(From));
        var names = new List<string>();
        TrainingSource? training = null;
        foreach (var world in worlds)
        {
            if (ServedTraining.Is(world))
            {
                if (training is not null)
                {
                    throw new MisuseException("a server shows one training; name one configuration.");
                }

                (var dream, training) = ServedTraining.Of(world, parsed.GetValue(Truth));
                dreams.Add(dream);
                names.Add(dream.Name);
            }
            else if (ServedDreams.FolderOf(world) is { } folder)
            {
                names.Add(dreams.Add(folder).Name);
            }
            else
            {
                Commands.RecordCommand.Open(world).Dispose();
                names.Add(world);
            }
        }

        if (dreams.Sources.Count == 0 && (Said(parsed, Truth) ?? Said(parsed, From)) is { } strange)
        {
            throw new MisuseException($"{strange.Name} is for dreams; name the folder of a model.");
        }

        names.AddRange(dreams.Sources.Select(source => source.Truth).OfType<string>());
        return s_usual with
        {
            Address = Parse(parsed.GetRequiredValue(Host)),
            Port = parsed.GetValue(Port),
            Token = parsed.GetValue(Token) ?? (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } kept ? kept : null),
            HostNames = [.. parsed.GetValue(Name) ?? []],
            Worlds = names.Count > 0 ? [.. names.Distinct(StringComparer.Ordinal)] : s_usual.Worlds,
            Dreams = [.. dreams.Sources],
            Training = training,
            DataFolder = data,
        };
    }

    private static Option? Said(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false } ? option : null;

    private static IPAddress Parse(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(host, out var address) ? address
        : throw new MisuseException($"--host is '{host}'; it is an address such as 127.0.0.1, or 0.0.0.0 for all of this machine's.");
}
