// An import that was broken off at any moment and run again gives the moments of one that never stopped; another source, or
// other options, do not go on where it was.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Umwelt.Moments.Importers;
using Xunit;

namespace Umwelt.Moments.Tests.Importers;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Broken_off_anywhere_it_goes_on_to_the_same_recording()
    {
        var path = Table(episodes: 3, rows: 4);
        using var importer = Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken);
        importer.Write(_folder["whole"], cancellation: TestContext.Current.CancellationToken);
        var whole = Imported.Read(importer.Plan, _folder["whole"]);
        var provenance = new Provenance { Fingerprint = importer.Plan.Fingerprint };
        for (var kept = 0; kept <= whole.Moments.Count; kept++)
        {
            var folder = _folder[$"part{kept}"];
            using (var writer = RecordingWriter.Create(folder, whole.Schema, provenance))
            {
                for (var row = 0; row < kept; row++)
                {
                    if (row == 0 || whole.Moments.Endings[row - 1] != Ending.None)
                    {
                        writer.BeginEpisode(Array.FindIndex(whole.Episodes, episode => episode.Start == row));
                    }

                    writer.Write(whole.Moments, row, whole.Times[row]);
                }

                writer.Flush();
            }

            var result = importer.Write(folder, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(kept, result.Resumed);
            AssertEqual(whole, Imported.Read(importer.Plan, folder));
        }
    }

    [Fact]
    public void Cancelled_it_goes_on_to_the_same_recording()
    {
        var path = Table(episodes: 2, rows: 5);
        using var importer = Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource();
        var cancel = new Told(_ => cancellation.Cancel());
        Assert.Throws<OperationCanceledException>(() => importer.Write(_folder["rec"], progress: cancel, cancellation: cancellation.Token));
        var result = importer.Write(_folder["rec"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(1, result.Resumed);
        AssertEqual(Imported.From("csv", path), Imported.Read(importer.Plan, _folder["rec"]));
    }

    [Fact]
    public void An_episode_in_which_nothing_was_does_not_make_it_lose_its_place()
    {
        using var importer = new Sparse(2, 0, 3, 0, 2);
        importer.Write(_folder["whole"], cancellation: TestContext.Current.CancellationToken);
        var whole = Imported.Read(importer.Plan, _folder["whole"]);
        Assert.Equal(7, whole.Moments.Count);
        for (var kept = 1; kept <= 7; kept++)
        {
            var folder = _folder[$"sparse{kept}"];
            using (var cancellation = new CancellationTokenSource())
            {
                importer.Read = 0;
                importer.After = (kept + 1, cancellation);
                try
                {
                    importer.Write(folder, cancellation: cancellation.Token);
                }
                catch (OperationCanceledException)
                {
                    // Broken off, as was wanted.
                }
            }

            importer.After = null;
            importer.Write(folder, cancellation: TestContext.Current.CancellationToken);
            AssertEqual(whole, Imported.Read(importer.Plan, folder));
            Assert.Equal(7, importer.Write(folder, cancellation: TestContext.Current.CancellationToken).Resumed);
        }
    }

    [Fact]
    public void Another_source_or_other_options_are_refused()
    {
        var path = Table(episodes: 1, rows: 3);
        using (var importer = Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken))
        {
            importer.Write(_folder["rec"], cancellation: TestContext.Current.CancellationToken);
        }

        using (var faster = Importer.Open("csv", path, new ImportOptions { Rate = 50 }, TestContext.Current.CancellationToken))
        {
            Assert.Contains("something else", Assert.Throws<IOException>(() => faster.Write(_folder["rec"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        }

        File.AppendAllText(path, "9,0.9,9,9\n");
        using var changed = Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken);
        Assert.Throws<IOException>(() => changed.Write(_folder["rec"], cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Killed_it_goes_on_to_the_same_recording()
    {
        var path = Table(episodes: 4, rows: 5);
        using (var process = KilledImport.Start(path, _folder["rec"]))
        {
            Assert.Equal(KilledImport.Ready, process.StandardOutput.ReadLine());
            process.Kill();
            process.WaitForExit();
        }

        using var importer = Importer.Open("csv", path, cancellation: TestContext.Current.CancellationToken);
        var result = importer.Write(_folder["rec"], cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(result.Resumed, 6, 19);
        AssertEqual(Imported.From("csv", path), Imported.Read(importer.Plan, _folder["rec"]));
    }

    /// <summary>Episodes of these lengths, some of which may be nothing.</summary>
    private sealed class Sparse(params int[] lengths) : Importer
    {
        public override ImportPlan Plan { get; } = new()
        {
            Format = "sparse",
            Source = "sparse",
            Schema = new Schema(10, new VectorChannel("x", 1)),
            Map = [],
            EpisodeCount = lengths.Length,
            Fingerprint = "sparse",
        };

        public int Read { get; set; }

        public (int Rows, CancellationTokenSource Cancellation)? After { get; set; }

        internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) => new Rows(this, episode, lengths[episode]);

        private sealed class Rows(Sparse importer, int episode, int count) : EpisodeSource
        {
            private int _next;

            public override bool Read(MomentBatch row)
            {
                if (_next == count)
                {
                    return false;
                }

                if (++importer.Read == importer.After?.Rows)
                {
                    importer.After.Value.Cancellation.Cancel();
                }

                row.Vector(0, 0)[0] = (10 * episode) + _next++;
                row.SetPresent(0, 0);
                return true;
            }
        }
    }

    internal sealed class Told(Action<ImportProgress> tell) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => tell(value);
    }

    private static void AssertEqual(Imported expected, Imported actual)
    {
        Assert.Equal(expected.Moments.Count, actual.Moments.Count);
        Assert.Equal(expected.Episodes, actual.Episodes);
        Assert.Equal(expected.Times, actual.Times);
        for (var row = 0; row < expected.Moments.Count; row++)
        {
            MomentRows.AssertEqual(expected.Moments, row, actual.Moments, row);
        }
    }

    // Commands stand after senses, so that a command crosses from one moment to the next wherever the import breaks off.
    private string Table(int episodes, int rows)
    {
        var text = new StringBuilder("episode,time,x,action\n");
        for (var i = 0; i < episodes * rows; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i / rows},{(i % rows * 0.1) + (i % 3 * 0.01):0.00},{i},{-i}\n");
        }

        File.WriteAllText(_folder["table.csv"], text.ToString());
        return _folder["table.csv"];
    }
}

/// <summary>The test executable started again as a process that imports slowly and waits to be killed.</summary>
internal static class KilledImport
{
    public const string Ready = "half imported";
    private const string Variable = "UMWELT_TEST_KILLED_IMPORT";

    public static Process Start(string table, string recording)
    {
        var self = Environment.ProcessPath!;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(self), "dotnet", StringComparison.OrdinalIgnoreCase);
        return Process.Start(new ProcessStartInfo(self, isHost ? [typeof(KilledImport).Assembly.Location] : [])
        {
            Environment = { [Variable] = $"{table}\n{recording}" },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

#pragma warning disable CA2255 // A test executable is the application; its entry point belongs to the test framework.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } told)
        {
            return;
        }

        var paths = told.Split('\n');
        using var importer = Importer.Open("csv", paths[0]);
        var slow = new ResumeTests.Told(progress =>
        {
            if (progress.Moments < 9)
            {
                Thread.Sleep(101);
                return;
            }

            Console.Out.WriteLine(Ready);
            Console.Out.Flush();
            Thread.Sleep(60_000);
        });
        // A segment a moment: what is written is on the disk when the next one comes.
        importer.Write(paths[1], progress: slow, recording: new RecordingOptions { SegmentBytes = 1 });
        Environment.Exit(0);
    }
}
