// The laws of atomic writing: a reader sees the old content or the new, nothing else is left behind, errors name the file.
using System.Diagnostics;
using System.Globalization;
using System.Text;

using Umwelt.Storage.Internal;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_and_nothing_else_stays()
    {
        AtomicFile.WriteAllBytes(_folder["bytes"], [1, 2, 3]);
        AtomicFile.WriteAllText(_folder["text"], "Grüße");
        AtomicFile.Write(_folder["stream"], stream => stream.Write("abc"u8));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_folder["bytes"]));
        Assert.Equal(Encoding.UTF8.GetBytes("Grüße"), File.ReadAllBytes(_folder["text"]));
        Assert.Equal("abc", File.ReadAllText(_folder["stream"]));
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void Without_commit_the_old_file_stays_and_the_temporary_goes()
    {
        AtomicFile.WriteAllText(_folder["file"], "old");
        using (var writer = AtomicFile.Create(_folder["file"]))
        {
            writer.Stream.Write(new byte[200_000]);
            Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
        }

        Assert.Equal("old", File.ReadAllText(_folder["file"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_failing_callback_leaves_the_old_file_and_its_own_error()
    {
        AtomicFile.WriteAllText(_folder["file"], "old");
        var thrown = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["file"], _ => throw new IOException("mine")));
        Assert.Equal("mine", thrown.Message);
        Assert.Equal("old", File.ReadAllText(_folder["file"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task An_asynchronous_write_commits_or_is_cancelled_whole()
    {
        var path = _folder["file"];
        await AtomicFile.WriteAsync(path, (stream, token) => stream.WriteAsync("new"u8.ToArray(), token).AsTask(), TestContext.Current.CancellationToken);
        Assert.Equal("new", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(
            path,
            async (stream, _) =>
            {
                await stream.WriteAsync("newer"u8.ToArray(), CancellationToken.None);
                await cancelled.CancelAsync();
            },
            cancelled.Token));
        Assert.Equal("new", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_second_commit_is_refused()
    {
        using var writer = AtomicFile.Create(_folder["file"]);
        writer.Commit();
        Assert.Contains(_folder["file"], Assert.Throws<InvalidOperationException>(writer.Commit).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_replaced_file_keeps_its_rights_and_a_link_keeps_pointing()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has neither these rights nor free links.");
            return;
        }

        AtomicFile.WriteAllText(_folder["file"], "old");
        File.SetUnixFileMode(_folder["file"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(_folder["link"], _folder["file"]);
        AtomicFile.WriteAllText(_folder["link"], "new");
        Assert.Equal("new", File.ReadAllText(_folder["file"]));
        Assert.NotNull(new FileInfo(_folder["link"]).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["file"]));
    }

    [Fact]
    public void A_disk_that_is_full_on_closing_is_said_of_the_file_meant()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        var stream = new GuardedStream(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 4096), _folder["file"]);
        stream.Write([1, 2, 3]);
        var error = Assert.ThrowsAny<IOException>(stream.Dispose);
        Assert.StartsWith($"{_folder["file"]}: the disk is full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_name_the_file_and_what_to_do()
    {
        var missing = Path.Combine(_folder.Path, "no such folder", "file");
        var error = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteAllText(missing, "x"));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Contains("create it", error.Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["folder"]);
        var folder = Assert.Throws<IOException>(() => AtomicFile.WriteAllText(_folder["folder"], "x"));
        Assert.Contains("a folder stands at this path", folder.Message, StringComparison.Ordinal);

        var full = WriteErrors.Explain(_folder["file"], new IOException("No space left on device : 'temporary'", 28));
        Assert.Contains(_folder["file"], full.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is full; free some space", full.Message, StringComparison.Ordinal);

        var denied = WriteErrors.Explain(_folder["file"], new UnauthorizedAccessException());
        Assert.IsType<UnauthorizedAccessException>(denied);
        Assert.Contains("no permission to write in " + _folder.Path, denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_see_only_whole_contents_while_a_writer_replaces_them()
    {
        var path = _folder["file"];
        AtomicFile.WriteAllBytes(path, new byte[10_000]);
        using var stop = new CancellationTokenSource();
        var reader = Task.Run(
            () =>
            {
                var reads = 0;
                do
                {
                    var bytes = File.ReadAllBytes(path);
                    Assert.Equal(10_000, bytes.Length);
                    Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept(bytes[0]));
                    reads++;
                }
                while (!stop.IsCancellationRequested);

                return reads;
            },
            TestContext.Current.CancellationToken);
        var content = new byte[10_000];
        for (var i = 1; i <= 50; i++)
        {
            content.AsSpan().Fill((byte)i);
            AtomicFile.WriteAllBytes(path, content);
        }

        await stop.CancelAsync();
        Assert.True(await reader > 0);
    }

    [Fact]
    public void Leftovers_of_dead_processes_are_cleaned_and_nothing_else()
    {
        var own = AtomicFile.Create(_folder["live"]);
        var dead = string.Create(CultureInfo.InvariantCulture, $".umwelt-{FinishedProcess()}-0123456789abcdef.tmp");
        File.WriteAllText(_folder[dead], "half");
        File.WriteAllText(_folder[".umwelt-notes.tmp"], "not ours");
        File.WriteAllText(_folder["data"], "data");
        Assert.Equal(1, AtomicFile.CleanLeftovers(_folder.Path));
        Assert.False(File.Exists(_folder[dead]));
        Assert.True(File.Exists(_folder[".umwelt-notes.tmp"]));
        own.Commit();
        own.Dispose();
        Assert.True(File.Exists(_folder["live"]));
    }

    [Fact]
    public void A_writer_killed_in_the_middle_leaves_the_old_file()
    {
        var path = _folder["file"];
        AtomicFile.WriteAllText(path, "old");
        using var child = KilledWriter.Start(path);
        Assert.Equal(KilledWriter.Ready, child.StandardOutput.ReadLine());
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
        Assert.Equal(0, AtomicFile.CleanLeftovers(_folder.Path));
        child.Kill();
        child.WaitForExit();
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(1, AtomicFile.CleanLeftovers(_folder.Path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static int FinishedProcess()
    {
        using var child = KilledWriter.Start("");
        child.WaitForExit();
        return child.Id;
    }
}
