// Puts the commands together, runs the one that was asked for and turns whatever happens into an exit code:
// 0 done, 1 failed, 2 misused. An error is one line on standard error, last after whatever a world from outside said; a stack
// trace shows only with --verbose.
using System.CommandLine;
using System.CommandLine.Help;
using Umwelt.Cli.Bench;
using Umwelt.Cli.Commands;
using Umwelt.Worlds;

namespace Umwelt.Cli;

internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Misused = 2;

    // How long a command may take to put things in order after Ctrl-C: a server writes its recordings to their end.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(15);

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write the result as one JSON line, last on standard output.",
        Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where an error came from (its stack trace).",
        Recursive = true,
    };

    public static Task<int> RunAsync(string[] args) => RunAsync(Root(), args, CancellationToken.None);

    public static async Task<int> RunAsync(RootCommand root, string[] args, CancellationToken cancellation)
    {
        var parsed = root.Parse(args);
        var misuse = Misuse.In(parsed);
        if (misuse is not null)
        {
            return Fail(misuse, Misused);
        }

        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToEnd };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
        catch (MisuseException error)
        {
            return Fail(error.Message, Misused);
        }
        catch (OperationCanceledException)
        {
            return Fail("cancelled.", Failed);
        }
        catch (WorldException error)
        {
            // What somebody else's program said is theirs to read, and no trace of ours.
            await Console.Error.WriteAsync(parsed.GetValue(Verbose) ? $"{error}{Environment.NewLine}" : error.Details is { } details ? $"{details.TrimEnd()}{Environment.NewLine}" : "").ConfigureAwait(false);
            return Fail(error.Message, Failed);
        }
        catch (Exception error)
        {
            var code = Fail(error is CommandFailedException ? error.Message : $"{error.Message} (--verbose shows where)", Failed);
            if (parsed.GetValue(Verbose))
            {
                await Console.Error.WriteLineAsync(error.ToString()).ConfigureAwait(false);
            }

            return code;
        }
    }

    public static RootCommand Root() => Root(
        DemoCommand.Create(),
        RecordCommand.Create(),
        ImportCommand.Create(),
        ExportCommand.Create(),
        InspectCommand.Create(),
        CurateCommand.Create(),
        WorldsCommand.Create(),
        PlayCommand.Create(),
        ServeCommand.Create(),
        BenchCommand.Create(Benchmarks.All),
        ExperimentCommand.Create(Experiments.All, ExperimentRecords.OfUser),
        TrainCommand.Create(),
        MeasureCommand.Create(),
        WatchCommand.Create(),
        ForecastCommand.Create(),
        DreamCommand.Create(),
        LearnCommand.Create(),
        ActCommand.Create(),
        ContestCommand.Create(),
        SayCommand.Create(),
        TokenizerCommand.Create(),
        InfoCommand.Create());

    public static RootCommand Root(params ReadOnlySpan<Command> commands)
    {
        var root = new RootCommand(
            "Umwelt, a world-model engine in plain C#: record experience, learn the world from it, step inside.")
        {
            Json,
            Verbose,
        };
        foreach (var command in commands)
        {
            root.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        var action = new HelpWithExamples((HelpAction)help.Action!);
        help.Action = action;
        root.SetAction(action.Invoke);
        return root;
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine("umwelt: " + message.ReplaceLineEndings(" ").Trim());
        return code;
    }
}
