// A policy that was learnt in dreams: it acts by what a model remembers of the moments that really happen, so pictures, sound and
// words count as far as the model understands them. Saved as a folder: dreamt.json, policy.safetensors and the model. What it
// does in a row follows from that row's moments and seed alone.
using Umwelt.Agents.Internal;
using Umwelt.Agents.Internal.Dreams;
using Umwelt.Agents.Internal.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Agents;

/// <summary>An occupant that learnt in dreams what to do.</summary>
public sealed class DreamtPolicy : Occupant, IDisposable
{
    private const string WeightsName = "policy.safetensors";
    private const string ModelName = "model";
    private readonly bool _ownsModel;
    private readonly List<(int Row, long Seed)> _begun = [];
    private Dream? _dream;
    private float[] _inputs = [];
    private RandomStream[] _streams = [];

    /// <summary>A policy that has learnt nothing; the model stays the caller's.</summary>
    internal DreamtPolicy(WorldModel model, IReadOnlyList<int> hidden, double logDeviation, long seed)
        : this(model, hidden) => Network = new ActorCritic(model.Engine, FeatureCount, Commands, hidden, logDeviation, seed, WorthLevels.Count);

    private DreamtPolicy(WorldModel model, IReadOnlyList<int> hidden, SafetensorsFile weights)
        : this(model, hidden)
    {
        _ownsModel = true;
        Network = new ActorCritic(model.Engine, FeatureCount, Commands, hidden, weights, WorthLevels.Count);
    }

    private DreamtPolicy(WorldModel model, IReadOnlyList<int> hidden)
    {
        (Model, Hidden) = (model, hidden);
        Commands = new CommandSpace(model.Schema.Motor);
        using var dream = model.Dream();
        FeatureCount = dream.FeatureCount;
        Network = null!;
    }

    /// <summary>What moments hold where it acts.</summary>
    public Schema Schema => Model.Schema;

    /// <summary>Whether it does what it thinks best, or draws from what it thinks good, as it did when it learnt.</summary>
    public bool IsSure { get; set; } = true;

    internal WorldModel Model { get; private set; }

    internal IReadOnlyList<int> Hidden { get; }

    internal int FeatureCount { get; }

    internal CommandSpace Commands { get; }

    internal ActorCritic Network { get; }

    /// <summary>Reads what <see cref="Save"/> wrote, on an engine of its own.</summary>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static DreamtPolicy Load(string folder)
    {
        var file = DreamtPolicyFile.Read(folder);
        var weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights))
        {
            throw new InvalidFileException(weights, "it is missing");
        }

        var model = WorldModel.Load(Path.Combine(folder, ModelName));
        try
        {
            using var stored = SafetensorsFile.Open(weights);
            return new DreamtPolicy(model, file.Hidden, stored);
        }
        catch (Exception error)
        {
            model.Dispose();
            throw error is ShapeException ? new InvalidFileException(weights, error.Message, innerException: error)
                : error is ArgumentException ? new InvalidFileException(DreamtPolicyFile.PathIn(folder), error.Message, innerException: error)
                : error;
        }
    }

    /// <summary>Whether a folder holds such a policy, as far as its files' names say.</summary>
    public static bool IsIn(string folder) => File.Exists(DreamtPolicyFile.PathIn(folder));

    /// <summary>Writes a folder. What stood there is replaced, file by file.</summary>
    public void Save(string folder)
    {
        Model.Save(Path.Combine(folder, ModelName));
        Network.Parameters.Save(Path.Combine(folder, WeightsName));
        DreamtPolicyFile.Write(folder, Hidden);
    }

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
        Begin(row, RandomStream.Of(seed, 0x706f6c));
        _begun.Add((row, seed));
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(moments);
        ArgumentNullException.ThrowIfNull(commands);
        if (!moments.Schema.Equals(Schema))
        {
            throw new ArgumentException($"This policy acts in ({Schema}), not in ({moments.Schema}).", nameof(moments));
        }

        if (_dream?.Count != rows.Length)
        {
            _dream?.Dispose();
            _dream = Model.Dream(0, rows.Length);
            _dream.Renders = false;
        }

        foreach (var (row, seed) in _begun)
        {
            _dream.Forget(row, seed);
        }

        _begun.Clear();
        _dream.Observe(moments, rows);
        Choose(_dream, commands, rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dream?.Dispose();
        Network.Dispose();
        if (_ownsModel)
        {
            Model.Dispose();
        }
    }

    /// <summary>Acts by another model of the same make from now on; nobody is under way.</summary>
    internal void Follow(WorldModel model)
    {
        _dream?.Dispose();
        _dream = null;
        Model = model;
    }

    /// <summary>Says what a row draws its commands from.</summary>
    internal void Begin(int row, RandomStream stream)
    {
        if (_streams.Length <= row)
        {
            Array.Resize(ref _streams, row + 1);
        }

        _streams[row] = stream;
    }

    /// <summary>Chooses by what rows of a dream remember: its own, or the one that is acted in.</summary>
    /// <param name="dream">Of its model.</param>
    /// <param name="commands">Become what marked rows do.</param>
    /// <param name="rows">Which rows act; each has begun.</param>
    internal void Choose(Dream dream, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        var count = rows.Length * FeatureCount;
        _inputs = _inputs.Length < count ? new float[count] : _inputs;
        dream.ReadFeatures(_inputs.AsSpan(0, count));
        using var unrecorded = Network.Engine.NoGradient();
        using var scope = Network.Engine.Scope();
        var outputs = Network.Act(Network.Engine.From(_inputs.AsSpan(0, count), [rows.Length, FeatureCount])).ToArray<float>();
        var deviations = Network.Deviations();
        Span<float> command = new float[Commands.Size];
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                Network.Draw(outputs.AsSpan(row * Network.Outputs, Network.Outputs), deviations, IsSure, ref _streams[row], command);
                Commands.Write(command, commands, row);
            }
        }
    }

    /// <summary>What the present moments of a dream's rows are thought to be worth.</summary>
    internal void Worth(Dream dream, Span<double> worths)
    {
        var features = new float[dream.Count * FeatureCount];
        dream.ReadFeatures(features);
        using var unrecorded = Network.Engine.NoGradient();
        using var scope = Network.Engine.Scope();
        var means = WorthLevels.Decode(Network.Levels(Network.Engine.From(features, [dream.Count, FeatureCount])).ToArray<float>());
        for (var row = 0; row < means.Length; row++)
        {
            worths[row] = means[row];
        }
    }
}
