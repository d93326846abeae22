// Environments of Gymnasium as a world: each row is an environment in a Python process that we start, speak to and end.
// Observations are senses named `obs`, actions motor commands named `action`, both with their places in a Dict or Tuple
// (`obs.arm.angle`); the reward, the end and, on request, the rendered picture `sight` stand beside them. After an error the
// world is dead: it can be disposed, and no process stays behind.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.Gymnasium;

namespace Umwelt.Worlds;

/// <summary>Gymnasium environments as a world, a row each.</summary>
/// <remarks>
/// A reset seeds the row's environment with the seed, a negative one as the unsigned number of the same 64 bits. Numbers of
/// any type become 32-bit floats; <see cref="Rewards"/> keeps what the environment gave. The first moment of an episode
/// has no reward. Terminated is <see cref="Ending.End"/>, truncated <see cref="Ending.Truncation"/>; both at once is an end.
/// </remarks>
public sealed class GymnasiumWorld : World
{
    private const string Script = "script";
    private readonly HostRows[] _hosts;
    private readonly bool[] _isAnswering;
    private readonly double[] _rewards;
    private readonly TimeSpan _limit;
    private readonly string _name;
    private readonly bool _hasScript;
    private WorldException? _failure;
    private bool _isDisposed;

    private GymnasiumWorld(string name, HostRows[] hosts, HostSpaces spaces, int count, GymnasiumOptions options)
        : base(spaces.Schema, count)
    {
        _name = name;
        _hosts = hosts;
        _isAnswering = new bool[hosts.Length];
        _rewards = new double[count];
        _limit = options.TimeLimit;
        _hasScript = options.Occupant is not null;
        PythonVersion = spaces.Python;
        GymnasiumVersion = spaces.Gymnasium;
    }

    /// <summary>Python's version, such as <c>3.11.2</c>.</summary>
    public string PythonVersion { get; }

    /// <summary>Gymnasium's version, such as <c>1.1.0</c>.</summary>
    public string GymnasiumVersion { get; }

    /// <summary>The latest reward of each row with all its 64 bits; the channel has it in 32.</summary>
    public ReadOnlySpan<double> Rewards => _rewards;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Occupants => _hasScript ? [Script, .. base.Occupants] : base.Occupants;

    /// <summary>The processes, for tests that end them.</summary>
    internal IEnumerable<HostProcess> Hosts => _hosts.Select(rows => rows.Host);

    /// <summary>Starts Python and makes the environments.</summary>
    /// <param name="environment">As <c>gymnasium.make</c> takes it: <c>CartPole-v1</c>, or <c>module.path:Name-v0</c>, whose module is imported first.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="options">Which Python, and how.</param>
    /// <exception cref="WorldException">There is no Python, no Gymnasium, no such environment, or it can't be made.</exception>
    public static GymnasiumWorld Open(string environment, int count = 1, GymnasiumOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new GymnasiumOptions();
        Check(options);
        var name = $"gym:{environment}";
        var processes = Math.Min(count, options.Processes > 0 ? options.Processes : Math.Clamp(count / 8, 1, Environment.ProcessorCount));
        var hosts = new HostProcess?[processes];
        var rows = new HostRows[processes];
        try
        {
            for (var i = 0; i < processes; i++)
            {
                hosts[i] = HostProcess.Start(name, options, shares: processes >= Environment.ProcessorCount);
                hosts[i]!.Send(MakeMessage(environment, FirstRow(i), FirstRow(i + 1) - FirstRow(i), processes, options), options.StartLimit);
            }

            HostSpaces? spaces = null;
            for (var i = 0; i < processes; i++)
            {
                var said = HostSpaces.Read(hosts[i]!.Receive(Wire.Ready), name, options, hosts[i]!);
                spaces ??= said;
                if (!spaces.Schema.Equals(said.Schema))
                {
                    throw new WorldException(name, $"its spaces differ from process to process: ({spaces.Schema}) and ({said.Schema})");
                }

                rows[i] = new HostRows(hosts[i]!, spaces, FirstRow(i), FirstRow(i + 1) - FirstRow(i));
            }

            return new GymnasiumWorld(name, rows, spaces!, count, options);
        }
        catch
        {
            foreach (var host in hosts)
            {
                host?.Dispose();
            }

            throw;
        }

        int FirstRow(int host) => (int)((long)count * host / processes);
    }

    /// <inheritdoc/>
    public override Occupant CreateOccupant(string name) =>
        _hasScript && string.Equals(name, Script, StringComparison.Ordinal) ? new ScriptOccupant(this) : base.CreateOccupant(name);

    /// <inheritdoc/>
    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        Usable();
        try
        {
            var host = HostOf(row);
            host.SendReset(row, (ulong)seed, _limit);
            host.ReceiveReset(moments, row);
            _rewards[row] = 0;
        }
        catch (WorldException error)
        {
            throw Failed(error);
        }
    }

    /// <inheritdoc/>
    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        Usable();
        try
        {
            // All hosts work at once: every request is out before the first answer is waited for.
            for (var i = 0; i < _hosts.Length; i++)
            {
                _isAnswering[i] = _hosts[i].SendStep(moments, rows, _limit);
            }

            for (var i = 0; i < _hosts.Length; i++)
            {
                if (_isAnswering[i])
                {
                    _hosts[i].ReceiveStep(moments, rows, _rewards);
                }
            }
        }
        catch (WorldException error)
        {
            throw Failed(error);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            foreach (var rows in _hosts)
            {
                rows.Dispose();
            }
        }
    }

    private static void Check(GymnasiumOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Processes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.SightHeight, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.SightWidth, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.TimeLimit, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.StartLimit, TimeSpan.Zero, nameof(options));
    }

    private static byte[] MakeMessage(string environment, int first, int count, int processes, GymnasiumOptions options)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[Wire.HeaderSize]);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("protocol", Wire.Protocol);
            json.WriteString("environment", environment);
            json.WriteNumber("first", first);
            json.WriteNumber("count", count);
            json.WriteBoolean("render", options.Sight);
            json.WriteString("occupant", options.Occupant);
            json.WriteNumber("spin", HostProcess.Spin);
            json.WriteBoolean("shares", processes >= Environment.ProcessorCount);
            json.WriteStartObject("arguments");
            foreach (var (key, value) in options.Arguments)
            {
                json.WritePropertyName(key);
                json.WriteRawValue(value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        var message = stream.ToArray();
        Wire.WriteHeader(message, Wire.Make);
        return message;
    }

    private HostRows HostOf(int row)
    {
        var host = 0;
        while (row >= _hosts[host].First + _hosts[host].Count)
        {
            host++;
        }

        return _hosts[host];
    }

    private void Usable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is not null)
        {
            throw new WorldException(_name, $"it has failed before ({_failure.Problem}); open it again", _failure.Details, _failure);
        }
    }

    private WorldException Failed(WorldException error)
    {
        _failure = error;
        foreach (var rows in _hosts)
        {
            rows.Dispose();
        }

        return error;
    }

    private void Act(MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        Usable();
        try
        {
            for (var i = 0; i < _hosts.Length; i++)
            {
                _isAnswering[i] = _hosts[i].SendAct(rows, _limit);
            }

            for (var i = 0; i < _hosts.Length; i++)
            {
                if (_isAnswering[i])
                {
                    _hosts[i].ReceiveAct(commands, rows);
                }
            }
        }
        catch (WorldException error)
        {
            throw Failed(error);
        }
    }

    /// <summary>The function of Python's: it acts where its observations are.</summary>
    private sealed class ScriptOccupant(GymnasiumWorld world) : Occupant
    {
        public override void Reset(int row, long seed)
        {
        }

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows) => world.Act(commands, rows);
    }
}
