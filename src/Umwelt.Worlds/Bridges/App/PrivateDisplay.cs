// An X display of our own that nobody sees: Xvfb, on a number it finds free, with a cookie that only we and the program know. A shell
// stands between us and it that ends it when we are gone, however we went, and with it everything that shows itself there.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Umwelt.Worlds.Bridges.App.Display;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class PrivateDisplay : IDisposable
{
    private const int ExitPatienceMilliseconds = 1000;
    private const int StartSeconds = 60;
    private const string Guard = """Xvfb "$@" </dev/null & server=$!; exec >/dev/null; cat; kill $server; wait $server""";

    private readonly Process _process;
    private readonly string _folder;
    private bool _isDisposed;

    private PrivateDisplay(Process process, string folder, string name)
    {
        _process = process;
        _folder = folder;
        Name = name;
    }

    /// <summary>What it is called, such as <c>:99</c>.</summary>
    public string Name { get; }

    /// <summary>The file of its cookie.</summary>
    public string Authority => CookieIn(_folder);

    /// <summary>The guard's process, for tests that end it.</summary>
    public int Id => _process.Id;

    /// <exception cref="WorldException">There is no Xvfb, or it does not start.</exception>
    public static PrivateDisplay Start(string world, int width, int height)
    {
        var folder = Directory.CreateTempSubdirectory("umwelt-display-").FullName;
        Process? process = null;
        try
        {
            XAuthority.Write(CookieIn(folder));
            process = Process.Start(new ProcessStartInfo("/bin/sh")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                ArgumentList =
                {
                    "-c", Guard, "sh", "-displayfd", "1", "-screen", "0", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}x24"),
                    "-nolisten", "tcp", "-noreset", "-auth", CookieIn(folder),
                },
            })!;
            var errors = new ErrorTail(process.StandardError.BaseStream);
            var number = process.StandardOutput.ReadLineAsync();
            if (!number.Wait(TimeSpan.FromSeconds(StartSeconds)))
            {
                throw new WorldException(world, $"Xvfb did not start within {StartSeconds} s");
            }

            if (!int.TryParse(number.Result, NumberStyles.None, CultureInfo.InvariantCulture, out var display))
            {
                End(process);
                var said = errors.Text();
                throw new WorldException(
                    world,
                    said.Contains("not found", StringComparison.Ordinal) ? "a private display needs Xvfb, which is not installed (on Debian: apt-get install xvfb); or name a display that is there" : "Xvfb does not start",
                    said.Length > 0 ? said : null);
            }

            return new PrivateDisplay(process, folder, string.Create(CultureInfo.InvariantCulture, $":{display}"));
        }
        catch (Exception error)
        {
            if (process is not null)
            {
                End(process);
            }

            Directory.Delete(folder, recursive: true);
            throw error is Win32Exception ? new WorldException(world, "there is no /bin/sh, which a private display needs", innerException: error) : error;
        }
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            End(_process);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string CookieIn(string folder) => Path.Combine(folder, "cookie");

    private static void End(Process process)
    {
        try
        {
            process.StandardInput.Dispose();
            if (!process.WaitForExit(ExitPatienceMilliseconds))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(ExitPatienceMilliseconds);
            }
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or IOException)
        {
            // It has ended already.
        }

        process.Dispose();
    }
}
