// `umwelt serve`: worlds in a browser, for whoever may come in, until it is stopped by Ctrl-C.
using System.CommandLine;
using Umwelt.Cli.Serve;

namespace Umwelt.Cli.Commands;

internal static class ServeCommand
{
    public static Command Create()
    {
        var worlds = new Argument<string[]>("WORLD")
        {
            Description = "The worlds to show, by their names, and folders of models to dream in; the first is the usual one. Without any: house, house:random, balls, pendulum:pixels.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var data = new Option<string?>("--data") { Description = "Where recordings and sessions are kept; without it nothing is.", HelpName = "FOLDER" };
        var options = new ServeOptions();
        var command = new ExampleCommand(
            "serve",
            "Show worlds in a browser, to people and programs.",
            ("umwelt serve --open", "step into the house in a browser"),
            ("umwelt serve house:random balls:3 --data played", "two worlds; what is played can be recorded"),
            ("umwelt serve umwelt-house/model house", "a dream, and the house it was learnt from"),
            ("umwelt serve --host 0.0.0.0 --token 3f9c52d07be14a68 --name worlds.example", "for other machines, behind a proxy that speaks TLS"))
        {
            worlds, data,
        };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var server = options.Of(parsed, parsed.GetValue(worlds) ?? [], parsed.GetValue(data));
            await RunningServer.RunAsync(server, "", takesAnotherPort: false, parsed.GetValue(options.Open), parsed.GetValue(CommandLine.Json), cancellation).ConfigureAwait(false);
            return CommandLine.Done;
        });
        return command;
    }
}
