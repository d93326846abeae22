// Who acts, as a command line names them: a world's occupant (random, explorer), the folder of a policy, the folder of a model,
// which imitates or, with a planner before it, plans. `mppi@64:FOLDER` plans with 64 imagined moments a decision; `cem:world`
// plans in copies of the world itself, which is what a perfect model would give; `best:FOLDER` does the best of what the model, or
// a policy learnt in its dreams, would do.
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Act;

internal sealed class ActingAgent : IDisposable
{
    private const string TheWorldItself = "world";
    private readonly List<IDisposable> _owned = [];

    private readonly bool _renders;

    private ActingAgent(string name, bool renders) => (Name, _renders) = (name, renders);

    public string Name { get; }

    public Occupant Occupant { get; private set; } = null!;

    public Planner? Planner => Occupant as Planner;

    /// <summary>Opens an agent for all rows of a world.</summary>
    /// <param name="name">As people write it.</param>
    /// <param name="world">Where it acts; it stays the caller's.</param>
    /// <param name="planner">The planner of a model that is named without one; null to imitate.</param>
    /// <param name="options">How a planner thinks.</param>
    /// <param name="renders">Whether its goal looks at pictures or words, which futures must come with then.</param>
    public static ActingAgent Open(string name, World world, string? planner, PlannerOptions options, bool renders = false)
    {
        var agent = new ActingAgent(name, renders);
        try
        {
            agent.Occupant = agent.Create(name, world, planner, options);
            return agent;
        }
        catch (Exception error)
        {
            agent.Dispose();
            throw error is ArgumentException ? new MisuseException($"{name}: {error.Message.Replace($" (Parameter '{(error as ArgumentException)!.ParamName}')", "", StringComparison.Ordinal)}") : error;
        }
    }

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    private Occupant Create(string name, World world, string? planner, PlannerOptions options)
    {
        if (name.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && !Directory.Exists(name))
        {
            var how = name[..colon].Split('@');
            if (how.Length > 2 || (how.Length == 2 && !int.TryParse(how[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                throw new ArgumentException("before the colon stands PLANNER or PLANNER@BUDGET, such as mppi@64");
            }

            options = how.Length == 2 ? options with { Budget = int.Parse(how[1], CultureInfo.InvariantCulture) } : options;
            return Plan(how[0], name[(colon + 1)..], world, options);
        }

        if (world.Occupants.Contains(name, StringComparer.Ordinal))
        {
            return world.CreateOccupant(name);
        }

        if (planner is not null && (Directory.Exists(name) || string.Equals(name, TheWorldItself, StringComparison.Ordinal)) && !LearntPolicy.IsIn(name))
        {
            return Plan(planner, name, world, options);
        }

        if (!Directory.Exists(name))
        {
            throw new ArgumentException(
                $"there is no such agent; one is {string.Join(", ", world.Occupants)}, the folder of a policy or of a model, or PLANNER:FOLDER with a planner of {string.Join(", ", Planning.Names)}");
        }

        if (LearntPolicy.IsIn(name))
        {
            return Own(LearntPolicy.Load(name));
        }

        if (DreamtPolicy.IsIn(name))
        {
            return Own(DreamtPolicy.Load(name));
        }

        return Own(new ImitatingOccupant(Model(name, world), world.Count));
    }

    private Planner Plan(string planner, string where, World world, PlannerOptions options)
    {
        if (string.Equals(where, TheWorldItself, StringComparison.Ordinal))
        {
            return Own(Planning.Create(planner, Own(Imagination.OfWorld(world)), options));
        }

        // What was learnt in dreams brings its model, and knows what to try in it.
        var policy = DreamtPolicy.IsIn(where) ? Own(DreamtPolicy.Load(where)) : null;
        var imagination = Own(Imagination.OfModel(policy is null ? Model(where, world) : Fitting(policy.Model, where, world), world.Count, renders: _renders));
        return Own(policy is not null && string.Equals(planner, "best", StringComparison.Ordinal)
            ? new BestOfSamples(imagination, options, policy)
            : Planning.Create(planner, imagination, options));
    }

    private WorldModel Model(string folder, World world)
    {
        var model = Own(WorldModel.Load(Directory.Exists(folder) ? folder : throw new CommandFailedException($"{folder}: there is no such model; a model is a folder with model.json.")));
        return Fitting(model, folder, world);
    }

    private static WorldModel Fitting(WorldModel model, string folder, World world) =>
        model.Schema.Equals(world.Schema) ? model : throw new CommandFailedException($"{folder}: its moments hold ({model.Schema}), the world's ({world.Schema}).");

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
