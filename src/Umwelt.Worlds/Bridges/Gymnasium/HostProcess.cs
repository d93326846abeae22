// A Python process that runs host.py: started, spoken to, watched and ended here. Every request has a time limit: when it is
// over the process is killed, whereupon the read or write under way ends with the stream. A host that has failed once
// is dead; whatever happened is said in a WorldException with what Python printed last.
using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Umwelt.Worlds.Bridges.Gymnasium;

internal sealed class HostProcess : IDisposable
{
    private const int SpinMicroseconds = 200;
    private const int ExitPatienceMilliseconds = 1000;

    // Python's own part of the start: takes the host from standard input, so that nothing has to lie on a disk.
    private const string Bootstrap =
        """
        import os, sys
        size, source = int(sys.argv[1]), b""
        while len(source) < size:
            piece = os.read(0, size - len(source))
            if not piece:
                os._exit(1)
            source += piece
        exec(compile(source, "umwelt-host.py", "exec"))
        """;

    private readonly string _world;
    private readonly string _python;
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly ErrorTail _errors;
    private readonly ReadyWait _ready;
    private readonly Timer _watchdog;
    private byte[] _received = new byte[64 << 10];
    private long _deadline = long.MaxValue;
    private long _limit;
    private volatile bool _isTimedOut;
    private bool _isDisposed;

    private HostProcess(string world, string python, Process process, bool shares)
    {
        _world = world;
        _python = python;
        _process = process;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _errors = new ErrorTail(process.StandardError.BaseStream);
        _ready = new ReadyWait(_output, TimeSpan.FromMicroseconds(SpinMicroseconds), shares);
        _watchdog = new Timer(static host => ((HostProcess)host!).Watch(), this, 50, 50);
    }

    public static int Spin => SpinMicroseconds;

    /// <summary>Which process it is, for tests that end it.</summary>
    public int Id => _process.Id;

    /// <summary>Starts Python; the first message has to follow.</summary>
    public static HostProcess Start(string world, GymnasiumOptions options, bool shares)
    {
        var python = options.Python is { Length: > 0 } named ? named
            : Environment.GetEnvironmentVariable(GymnasiumOptions.PythonVariable) is { Length: > 0 } variable ? variable
            : OperatingSystem.IsWindows() ? "python" : "python3";
        var script = options.HostScript is { } other ? Encoding.UTF8.GetBytes(other) : Script();
        var start = new ProcessStartInfo(python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            ArgumentList = { "-c", Bootstrap, script.Length.ToString(CultureInfo.InvariantCulture) },
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new WorldException(
                world,
                $"Python can't be started as '{python}' ({error.NativeErrorCode switch { 2 => "no such command", 13 => "not permitted", _ => error.Message }}); install Python 3.9 or later with Gymnasium, or name one in {GymnasiumOptions.PythonVariable}",
                innerException: error);
        }

        var host = new HostProcess(world, python, process, shares);
        try
        {
            host.Begin(options.StartLimit);
            host.Write(script);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Sends one message; its answer has to be received within the limit.</summary>
    public void Send(ReadOnlySpan<byte> message, TimeSpan limit)
    {
        Begin(limit);
        Write(message);
    }

    /// <summary>The body of the answer, valid until the next one is received.</summary>
    /// <exception cref="WorldException">It is an error, not of the kind, or does not come.</exception>
    public ReadOnlySpan<byte> Receive(int expected)
    {
        _ready.Wait();
        var have = ReadAtLeast(0, Wire.HeaderSize);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_received);
        var kind = BinaryPrimitives.ReadInt32LittleEndian(_received.AsSpan(sizeof(int)));
        if (kind is not (Wire.Ready or Wire.Moments or Wire.Error) || length is < 0 or > Wire.LongestBody)
        {
            throw Broken("it sent what is no message of this protocol");
        }

        have = ReadAtLeast(have, Wire.HeaderSize + length);
        Volatile.Write(ref _deadline, long.MaxValue);
        if (have > Wire.HeaderSize + length)
        {
            throw Broken("it sent more than one answer to one request");
        }

        var body = _received.AsSpan(Wire.HeaderSize, length);
        if (kind == Wire.Error)
        {
            throw HostError.Read(body, _world, _python, this);
        }

        return kind == expected ? body : throw Broken($"it answered with a message of kind {kind}, not {expected}");
    }

    /// <summary>The error for something the host did that it must not.</summary>
    public WorldException Broken(string what, Exception? inner = null) => Refused($"the Python host can't be understood: {what}", inner);

    /// <summary>Ends the host, and gives the error for why.</summary>
    public WorldException Refused(string problem, Exception? inner = null)
    {
        Kill();
        return new WorldException(_world, problem, Printed(), inner);
    }

    /// <summary>What Python printed last, or null.</summary>
    public string? Printed() => _errors.Text() is { Length: > 0 } text ? text : null;

    /// <summary>Tells the host that nothing more will come, upon which it ends.</summary>
    public void CloseInput()
    {
        try
        {
            _input.Dispose();
        }
        catch (IOException)
        {
            // The process went first.
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _watchdog.Dispose();
        CloseInput();

        if (!_process.WaitForExit(ExitPatienceMilliseconds))
        {
            Kill();
        }

        _output.Dispose();
        _process.Dispose();
    }

    /// <summary>What Python runs.</summary>
    internal static byte[] Script()
    {
        using var stream = typeof(HostProcess).Assembly.GetManifestResourceStream("gymnasium-host.py")!;
        var script = new byte[stream.Length];
        stream.ReadExactly(script);
        return script;
    }

    private void Begin(TimeSpan limit)
    {
        _limit = (long)limit.TotalMilliseconds;
        Volatile.Write(ref _deadline, Environment.TickCount64 + _limit);
    }

    private void Watch()
    {
        if (Environment.TickCount64 > Volatile.Read(ref _deadline))
        {
            _isTimedOut = true;
            Volatile.Write(ref _deadline, long.MaxValue);
            Kill();
        }
    }

    private void Write(ReadOnlySpan<byte> message)
    {
        try
        {
            _input.Write(message);
            _input.Flush();
        }
        catch (IOException error)
        {
            // An error that the host could still say explains more than the broken pipe; where there is none this throws too.
            _ = Receive(Wire.Error);
            throw Ended(error);
        }
    }

    private int ReadAtLeast(int have, int wanted)
    {
        if (wanted > _received.Length)
        {
            Array.Resize(ref _received, Math.Max(wanted, (int)Math.Min(2L * _received.Length, Wire.LongestBody + Wire.HeaderSize)));
        }

        while (have < wanted)
        {
            int count;
            try
            {
                count = _output.Read(_received, have, _received.Length - have);
            }
            catch (IOException error)
            {
                throw Ended(error);
            }

            if (count == 0)
            {
                throw Ended(null, have > 0);
            }

            have += count;
        }

        return have;
    }

    private WorldException Ended(Exception? inner, bool isHalf = false)
    {
        if (_isTimedOut)
        {
            return new WorldException(_world, $"the environment did not answer within {_limit / 1000.0:0.###} s", Printed(), inner);
        }

        if (!_process.WaitForExit(ExitPatienceMilliseconds))
        {
            Kill();
            return new WorldException(_world, "the Python host closed its output", Printed(), inner);
        }

        var code = _process.ExitCode;
        var how = code > 128 && !OperatingSystem.IsWindows() ? $"was ended by signal {code - 128}" : $"ended with exit code {code}";
        var half = isHalf ? " in the middle of a message" : "";
        var printed = Printed();
        var said = printed is null ? "" : $"; its last words: {printed.Split('\n')[^1].Trim()}";
        return new WorldException(_world, $"the Python host ({_python}) {how}{half}{said}", printed, inner);
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(ExitPatienceMilliseconds);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException or NotSupportedException)
        {
            // It has ended already.
        }
    }
}
