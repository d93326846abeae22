// `umwelt learn CONFIG`: learns a policy from reward, in the dreams of a model that is learnt on the way or straight from a world,
// and says what it is worth on episodes it has never seen.
using System.CommandLine;
using Umwelt.Agents;
using Umwelt.Cli.Act;
using Umwelt.Learning;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class LearnCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("CONFIG") { Description = "A configuration, and changes to it: --key.key=value.", Arity = ArgumentArity.OneOrMore };
        var where = new Option<string?>("--in")
        {
            Description = "'dream': in the dreams of a model of what was lived. 'world': straight from what is lived. Or the world to learn from straight, or dream:FOLDER.",
            HelpName = "WHERE",
        };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in the configuration's folder; of learning in dreams." };
        var command = new ExampleCommand(
            "learn",
            "Learn a policy from reward.",
            ("umwelt learn runs/cartpole.json", "balance a pole, learnt in dreams of it"),
            ("umwelt learn runs/cartpole.json --resume", "go on after a kill"),
            ("umwelt learn runs/cartpole.json --in world", "the same without a model, by proximal policy optimisation"),
            ("umwelt learn runs/pendulum.json --in world --ppo.moments=300000 --out=longer", "swing up, with changes"),
            ("umwelt learn runs/pendulum.json --in dream:umwelt-world/model --ppo.longestEpisode=200", "straight from the dream of a model that there is"))
        {
            words, where, resume,
        };
        command.TakesChanges = true;
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(parsed.GetValue(words)!, parsed.GetValue(where), parsed.GetValue(resume), parsed.GetValue(CommandLine.Json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string[] words, string? where, bool resumes, bool json, CancellationToken cancellation)
    {
        var changes = words.Where(Misuse.IsChange).ToArray();
        var path = words.Except(changes, StringComparer.Ordinal).ToArray() is [var one]
            ? File.Exists(one) ? one : throw new CommandFailedException($"{one}: there is no such file.")
            : throw new MisuseException("give one configuration, such as runs/cartpole.json, and changes such as --ppo.rate=0.001.");
        try
        {
            var run = PolicyRun.Read(path, changes.Select(change => change[2..]));
            run = where switch
            {
                null => run,
                PolicyRun.InDream or PolicyRun.InWorld => run with { In = where },
                _ => run with { In = PolicyRun.InWorld, World = where },
            };
            if (run.World.Length == 0)
            {
                throw new MisuseException($"{path} names no world; say which with --world=NAME, such as --world=cartpole.");
            }

            if (run.In == PolicyRun.InDream)
            {
                return DreamLearning.Run(run, resumes, json, cancellation);
            }

            return resumes ? throw new MisuseException("only learning in dreams can be resumed; without a model begin anew.") : WorldLearning.Run(run, json, cancellation);
        }
        catch (NotFiniteException error)
        {
            throw new CommandFailedException($"{error.Message}. The last checkpoint is as good as it was.");
        }
        catch (ArgumentException error) when (error is not ShapeException)
        {
            throw new MisuseException(error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
    }
}
