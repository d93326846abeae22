// The program itself: started on a display, watched, ended with everything it started. What it prints is read all the time, so that it
// is never held up, and its last words are kept for errors.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Umwelt.Worlds.Bridges.App.Display;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppProgram : IDisposable
{
    private const int ExitPatienceMilliseconds = 2000;

    private readonly Process _process;
    private readonly ErrorTail _errors;
    private readonly string _name;

    private AppProgram(Process process, string name)
    {
        _process = process;
        _name = name;
        _errors = new ErrorTail(process.StandardError.BaseStream);
        _ = new ErrorTail(process.StandardOutput.BaseStream);
        process.StandardInput.Dispose();
    }

    /// <summary>Which process it is, for tests that end it.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Whether it ended by itself and with success, as a program does that was closed.</summary>
    public bool HasClosed => _process.HasExited && _process.ExitCode == 0;

    /// <exception cref="WorldException">It can't be started.</exception>
    public static AppProgram Start(string world, AppDocument document, string display, string? authority)
    {
        var name = document.Program![0];
        var start = new ProcessStartInfo(name, document.Program.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = document.Folder ?? "",
        };
        start.Environment["DISPLAY"] = display;
        if (authority is not null)
        {
            start.Environment[XAuthority.Variable] = authority;
        }

        foreach (var (variable, value) in document.Environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[variable] = value;
        }

        try
        {
            return new AppProgram(Process.Start(start)!, name);
        }
        catch (Win32Exception error)
        {
            throw new WorldException(world, $"'{name}' can't be started ({error.NativeErrorCode switch { 2 => "no such program or folder", 13 => "not permitted", _ => error.Message }})", innerException: error);
        }
    }

    /// <summary>The error for a program that has ended; it waits a little for one that is about to.</summary>
    public WorldException? Ended(string world, int patienceMilliseconds = 0)
    {
        if (!_process.WaitForExit(patienceMilliseconds))
        {
            return null;
        }

        var code = _process.ExitCode;
        var how = code > 128 ? $"was ended by signal {code - 128}" : $"ended with exit code {code}";
        var printed = _errors.Text();
        return new WorldException(world, $"the program {_name} {how}{(printed.Length > 0 ? $"; its last words: {LastLine(printed)}" : "")}", printed.Length > 0 ? printed : null);
    }

    /// <summary>Whether somebody stopped it as a debugger or a shell does. Systems without /proc can't tell.</summary>
    public bool IsStopped()
    {
        try
        {
            // The name stands in brackets and may hold anything; the state is the letter after it.
            var line = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/stat"));
            var after = line.LastIndexOf(')');
            return after >= 0 && after + 2 < line.Length && line[after + 2] is 'T' or 't';
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(ExitPatienceMilliseconds);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended already.
        }

        _process.Dispose();
    }

    private static string LastLine(string printed)
    {
        var line = string.Concat(printed.Split('\n')[^1].Trim().Select(static letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length > 300 ? line[..300] + "…" : line;
    }
}
