// A policy that was learnt from reward: a small network with what it was told of the world's channels. Saved as a folder:
// policy.json and policy.safetensors. What it does in a row follows from that row's moment and seed alone.
using Umwelt.Agents.Internal;
using Umwelt.Agents.Internal.Learning;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Agents;

/// <summary>An occupant that learnt what to do.</summary>
public sealed class LearntPolicy : Occupant, IDisposable
{
    private const string WeightsName = "policy.safetensors";
    private readonly bool _ownsEngine;
    private float[] _inputs = [];
    private RandomStream[] _streams = [];

    /// <summary>A policy that has learnt nothing; the engine stays the caller's.</summary>
    internal LearntPolicy(Engine engine, Schema schema, IReadOnlyList<string> senses, IReadOnlyList<int> hidden, double logDeviation, long seed)
        : this(schema, senses, hidden) => Network = new ActorCritic(engine, Features.Count, Commands, hidden, logDeviation, seed);

    /// <summary>A policy that was saved, which takes no more memory than its file; the engine becomes its own.</summary>
    private LearntPolicy(Engine engine, Schema schema, IReadOnlyList<string> senses, IReadOnlyList<int> hidden, SafetensorsFile weights)
        : this(schema, senses, hidden)
    {
        Network = new ActorCritic(engine, Features.Count, Commands, hidden, weights);
        _ownsEngine = true;
    }

    private LearntPolicy(Schema schema, IReadOnlyList<string> senses, IReadOnlyList<int> hidden)
    {
        (Schema, Senses, Hidden) = (schema, senses, hidden);
        Features = new SenseFeatures(schema, senses);
        Commands = new CommandSpace(schema.Motor);
        Scale = new RunningScale(Features.Count);
        Network = null!;
    }

    /// <summary>What moments hold where it acts.</summary>
    public Schema Schema { get; }

    /// <summary>Whether it does what it thinks best, or draws from what it thinks good, as it did when it learnt.</summary>
    public bool IsSure { get; set; } = true;

    internal IReadOnlyList<string> Senses { get; }

    internal IReadOnlyList<int> Hidden { get; }

    internal SenseFeatures Features { get; }

    internal CommandSpace Commands { get; }

    internal RunningScale Scale { get; }

    internal ActorCritic Network { get; }

    /// <summary>Reads what <see cref="Save"/> wrote, on an engine of its own.</summary>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static LearntPolicy Load(string folder)
    {
        var file = PolicyFile.Read(folder, out var schema);
        var weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights))
        {
            throw new InvalidFileException(weights, "it is missing");
        }

        var engine = new Engine(new CpuBackend(1));
        try
        {
            using var stored = SafetensorsFile.Open(weights);
            var policy = new LearntPolicy(engine, schema, file.Senses, file.Hidden, stored);
            if (file.Means.Length != policy.Features.Count || file.Squares.Length != policy.Features.Count)
            {
                throw new InvalidFileException(PolicyFile.PathIn(folder), $"it has {file.Means.Length} means and {file.Squares.Length} squares for {policy.Features.Count} features");
            }

            policy.Scale.Count = file.Seen;
            file.Means.CopyTo(policy.Scale.Means, 0);
            file.Squares.CopyTo(policy.Scale.Squares, 0);
            return policy;
        }
        catch (Exception error)
        {
            engine.Dispose();
            throw error is ShapeException ? new InvalidFileException(weights, error.Message, innerException: error)
                : error is ArgumentException or OverflowException ? new InvalidFileException(PolicyFile.PathIn(folder), error.Message, innerException: error)
                : error;
        }
    }

    /// <summary>Whether a folder holds a policy, as far as its files' names say.</summary>
    public static bool IsIn(string folder) => File.Exists(PolicyFile.PathIn(folder));

    /// <summary>Writes a folder. What stood there is replaced, file by file.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        PolicyFile.Write(folder, this);
        Network.Parameters.Save(Path.Combine(folder, WeightsName));
    }

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
        Room(row + 1);
        _streams[row] = RandomStream.Of(seed, 0x706f6c);
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

        Room(rows.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            var features = _inputs.AsSpan(row * Features.Count, Features.Count);
            Features.Write(moments, row, features);
            Scale.Apply(features);
        }

        using var unrecorded = Network.Engine.NoGradient();
        using var scope = Network.Engine.Scope();
        var outputs = Network.Act(Network.Engine.From(_inputs.AsSpan(0, rows.Length * Features.Count), [rows.Length, Features.Count])).ToArray<float>();
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

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        if (_ownsEngine)
        {
            Network.Engine.Dispose();
        }
    }

    private void Room(int rows)
    {
        if (_streams.Length < rows)
        {
            Array.Resize(ref _streams, rows);
        }

        if (_inputs.Length < rows * Features.Count)
        {
            Array.Resize(ref _inputs, rows * Features.Count);
        }
    }
}
