// One run of ffmpeg or ffprobe that cannot get out of hand: it is killed on cancellation, on disposal and when it gives
// nothing for a minute; what it complains of is kept, bounded, and its last line stands in the errors. Paths go to it as
// `file:` names, so that none is taken for an address or a pattern of its own language.
using System.Diagnostics;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Video;

internal sealed class FfmpegProcess : IDisposable
{
    private const int ComplaintBytes = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _tool;
    private readonly string _subject;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly Timer _watch;
    private readonly Thread _listener;
    private readonly byte[] _complaint = new byte[ComplaintBytes];
    private readonly Lock _gate = new();
    private int _complaintLength;
    private long _waitingSince;
    private volatile bool _isStalled;

    /// <summary>Starts the tool; <paramref name="subject"/> is the file that errors name.</summary>
    public FfmpegProcess(string tool, string subject, IReadOnlyList<string> arguments, CancellationToken cancellation, bool takesInput = false)
    {
        _tool = tool;
        _subject = subject;
        _cancellation = cancellation;
        cancellation.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(Find(tool) ?? throw new FfmpegMissingException(subject, tool), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = takesInput,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        _process = Process.Start(start)!;
        _listener = new Thread(Listen) { IsBackground = true, Name = $"{tool} errors" };
        _listener.Start();
        _watch = new Timer(_ => Watch(), null, 1000, 1000);
        _registration = cancellation.Register(Kill);
    }

    /// <summary>Where its input goes, if it takes any.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>The last line it complained with, or empty.</summary>
    public string Complaint
    {
        get
        {
            lock (_gate)
            {
                var text = Encoding.UTF8.GetString(_complaint, 0, _complaintLength);
                var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return lines is [.., var last] ? Brief(last) : "";
            }
        }
    }

    /// <summary>Where a tool is, or null: the first of its name on the path.</summary>
    public static string? Find(string tool)
    {
        var name = OperatingSystem.IsWindows() ? tool + ".exe" : tool;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The name under which ffmpeg takes a file for a file.</summary>
    public static string NameOf(string path) => "file:" + Path.GetFullPath(path);

    /// <summary>Fills the destination as far as there is output; fewer bytes mean that it has ended.</summary>
    public int Read(Span<byte> destination)
    {
        Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
        try
        {
            var read = 0;
            while (read < destination.Length)
            {
                var part = _process.StandardOutput.BaseStream.Read(destination[read..]);
                if (part == 0)
                {
                    break;
                }

                read += part;
                Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
            }

            _cancellation.ThrowIfCancellationRequested();
            return read;
        }
        finally
        {
            Volatile.Write(ref _waitingSince, 0);
        }
    }

    /// <summary>All of its output, which may not be longer than this.</summary>
    public byte[] ReadAll(int most)
    {
        var output = new MemoryStream();
        var part = new byte[16384];
        int read;
        do
        {
            read = Read(part);
            output.Write(part, 0, read);
            if (output.Length > most)
            {
                throw new InvalidFileException(_subject, $"{_tool} says more than {most} bytes about it");
            }
        }
        while (read == part.Length);
        return output.ToArray();
    }

    /// <summary>Writes to its input; a pipe that broke becomes what the tool complained of.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
        try
        {
            Input.Write(bytes);
        }
        catch (IOException)
        {
            _cancellation.ThrowIfCancellationRequested();
            Finish();
            throw new InvalidFileException(_subject, $"{_tool} stopped taking data");
        }
        finally
        {
            Volatile.Write(ref _waitingSince, 0);
        }
    }

    /// <summary>Waits for its end and throws what it complained of if it failed.</summary>
    public void Finish()
    {
        Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
        _process.WaitForExit();
        _listener.Join();
        Volatile.Write(ref _waitingSince, 0);
        _cancellation.ThrowIfCancellationRequested();
        if (_isStalled)
        {
            throw new InvalidFileException(_subject, $"{_tool} gave nothing for {Patience.TotalSeconds:0} s and was stopped");
        }

        if (_process.ExitCode != 0)
        {
            var complaint = Complaint;
            throw new InvalidFileException(_subject, $"{_tool} cannot handle it: {(complaint.Length > 0 ? complaint : $"it ended with code {_process.ExitCode}")}");
        }
    }

    /// <summary>Closes its input and waits for its end.</summary>
    public void CloseInput()
    {
        try
        {
            Input.Close();
        }
        catch (IOException)
        {
            // The pipe broke; Finish says why.
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _watch.Dispose();
        Kill();
        _process.WaitForExit();
        _listener.Join();
        _process.Dispose();
    }

    // Errors begin with the name that was passed; a reader knows that name already.
    private string Brief(string line)
    {
        var name = NameOf(_subject) + ": ";
        line = line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : line;
        line = string.Concat(line.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length > 300 ? line[..300] + "…" : line;
    }

    private void Watch()
    {
        var since = Volatile.Read(ref _waitingSince);
        if (since != 0 && Stopwatch.GetElapsedTime(since) > Patience)
        {
            _isStalled = true;
            Kill();
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            // It has ended already.
        }
    }

    private void Listen()
    {
        var part = new byte[1024];
        try
        {
            int read;
            while ((read = _process.StandardError.BaseStream.Read(part)) > 0)
            {
                lock (_gate)
                {
                    var keep = Math.Min(_complaintLength, ComplaintBytes - read);
                    _complaint.AsSpan(_complaintLength - keep, keep).CopyTo(_complaint);
                    part.AsSpan(0, read).CopyTo(_complaint.AsSpan(keep));
                    _complaintLength = keep + read;
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }
}
