// A plain game loop and its recording: every tick is there in its order, with the command that led to it; what is not in order is
// refused where it happens; what goes wrong on the disk stops the recording and not the game.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Games.Tests;

public sealed class GameRecorderTests : IDisposable
{
    private static readonly Schema Schema = new(
        20,
        new ImageChannel("sight", 4, 4, 1),
        new VectorChannel("place", 1),
        new CategoryChannel("keys", 3, ChannelRole.Motor),
        new VectorChannel("score", 1, ChannelRole.Reward),
        new CategoryChannel("over", 2, ChannelRole.End));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("umwelt-game-");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_recording_holds_what_a_plain_loop_lived_through()
    {
        using (var recorder = GameRecorder.Create(Data, Schema, new Provenance { Origin = "counting" }))
        {
            Play(recorder, seed: 7, ticks: 500, Ending.End);
            Play(recorder, seed: 8, ticks: 3, Ending.None);
            Assert.Equal(501 + 4, recorder.Moments);
            Assert.Null(recorder.Failure);
        }

        using var recording = Recording.Open(Data);
        Assert.Equal([(501L, 7L, Ending.End), (4, 8, Ending.Truncation)], recording.Episodes.Select(static episode => ((long)episode.Length, episode.Seed, episode.Ending)));
        var moments = new MomentBatch(Schema, 501);
        recording.Read(0, 501, moments);
        var place = 0;
        for (var t = 0; t < 501; t++)
        {
            Assert.Equal(t > 0, moments.IsPresent(2, t));
            place += moments.Category(2, t); // the command that led to this moment
            Assert.Equal(place, moments.Vector(1, t)[0]);
            Assert.Equal(t == 500 ? 1 : 0, moments.Category(4, t));
        }
    }

    [Fact]
    public void A_recording_goes_on_where_another_run_of_the_game_left_it()
    {
        using (var recorder = GameRecorder.Create(Data, Schema, new Provenance()))
        {
            Play(recorder, 1, 5, Ending.End);
        }

        using (var recorder = GameRecorder.Continue(Data))
        {
            Play(recorder, 2, 6, Ending.End);
        }

        using var recording = Recording.Open(Data);
        Assert.Equal([6, 7], recording.Episodes.Select(static episode => (int)episode.Length));
    }

    [Fact]
    public void A_first_moment_with_a_command_and_a_later_one_without_are_refused()
    {
        using var recorder = GameRecorder.Create(Data, Schema, new Provenance());
        Assert.Contains("Begin", Assert.Throws<InvalidOperationException>(() => recorder.Tick()).Message, StringComparison.Ordinal);
        recorder.Moment.SetPresent(2, 0);
        Assert.Contains("'keys' is present", Assert.Throws<InvalidOperationException>(() => recorder.Begin()).Message, StringComparison.Ordinal);
        recorder.Moment.Clear();
        recorder.Begin();
        Assert.Contains("'keys' is absent", Assert.Throws<InvalidOperationException>(() => recorder.Tick()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_fails_stops_the_recording_and_not_the_game()
    {
        using var recorder = GameRecorder.Create(Data, Schema, new Provenance());
        Directory.Delete(Path.Combine(Data, "segments"), recursive: true);
        File.WriteAllText(Path.Combine(Data, "segments"), "a file where a folder should be");
        for (var i = 0; i < 2000 && recorder.Failure is null; i++)
        {
            Play(recorder, i, 40, Ending.End);
        }

        recorder.Dispose();
        Assert.IsAssignableFrom<IOException>(recorder.Failure);
    }

    [Theory]
    [InlineData(FrameLayout.Rgba, false)]
    [InlineData(FrameLayout.Bgra, true)]
    [InlineData(FrameLayout.Rgb, true)]
    public void A_frame_becomes_the_mean_of_what_a_pixel_covers_whatever_its_layout(FrameLayout layout, bool isFromBottom)
    {
        const int Width = 8, Height = 6;
        var size = layout == FrameLayout.Rgb ? 3 : 4;
        var frame = new byte[Width * Height * size];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var at = (((isFromBottom ? Height - 1 - y : y) * Width) + x) * size;
                (frame[at + (layout == FrameLayout.Bgra ? 2 : 0)], frame[at + 1], frame[at + (layout == FrameLayout.Bgra ? 0 : 2)]) = ((byte)(x * 20), (byte)(y * 30), 9);
            }
        }

        var schema = new Schema(20, new ImageChannel("sight", 2, 4));
        var moment = new MomentBatch(schema, 1);
        moment.SetFrame("sight", frame, Width, Height, layout, isFromBottom);
        Assert.True(moment.IsPresent(0, 0));
        for (var y = 0; y < 2; y++)
        {
            for (var x = 0; x < 4; x++)
            {
                Assert.Equal([(byte)((40 * x) + 10), (byte)((90 * y) + 30), (byte)9], moment.Image(0, 0).Slice(((y * 4) + x) * 3, 3).ToArray());
            }
        }
    }

    [Fact]
    public void A_frame_of_another_size_than_was_said_is_refused()
    {
        var moment = new MomentBatch(Schema, 1);
        Assert.Contains("400 bytes", Assert.Throws<ArgumentException>(() => moment.SetFrame("sight", new byte[399], 10, 10)).Message, StringComparison.Ordinal);
        Assert.Contains("smaller", Assert.Throws<ArgumentException>(() => moment.SetFrame("sight", new byte[36], 3, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("no picture", Assert.Throws<ArgumentException>(() => moment.SetFrame("place", [], 3, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Allocation")]
    public void A_tick_allocates_nothing()
    {
        using var recorder = GameRecorder.Create(Data, Schema, new Provenance());
        var frame = new byte[16 * 16 * 4];
        recorder.Begin();
        Ticks(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ticks(50);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Ticks(int count)
        {
            for (var i = 0; i < count; i++)
            {
                recorder.Moment.SetFrame("sight", frame, 16, 16);
                recorder.Moment.SetPresent(2, 0);
                recorder.Tick();
            }
        }
    }

    // A game in which a key moves one on by its number.
    private static void Play(GameRecorder recorder, long seed, int ticks, Ending ending)
    {
        var place = 0;
        Perceive();
        recorder.Begin(seed);
        for (var t = 1; t <= ticks; t++)
        {
            var key = (t * 7) % 3;
            place += key;
            Perceive();
            recorder.Moment.Category(2, 0) = key;
            recorder.Moment.SetPresent(2, 0);
            recorder.Tick(t == ticks ? ending : Ending.None);
        }

        void Perceive()
        {
            recorder.Moment.Vector(1, 0)[0] = place;
            recorder.Moment.SetPresent(1, 0);
        }
    }
}
