// The law of export and import: a recording that goes to a LeRobot set and back is the same recording, bit for bit, whatever is absent
// in it, however episodes stop and whenever moments were; and for strangers its rows hold the command that came after their senses.
using System.Text.Json;
using Umwelt.Moments.Exporters.LeRobot;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Moments.Tests.Video;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.LeRobot;

public sealed class LeRobotRoundTripTests
{
    private const double Rate = 20;

    private static readonly Schema Everything = new(
        Rate,
        new ImageChannel("sight", 5, 7),
        new ImageChannel("touch", 4, 4, 1),
        new SoundChannel("hearing", 20, 2),
        new VectorChannel("pose", 3) { Names = ["x", "y", "turn"] },
        new VectorChannel("warmth", 1),
        new CategoryChannel("room", 5),
        new VectorChannel("motor", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1] },
        new CategoryChannel("use", 3, ChannelRole.Motor),
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new CategoryChannel("end", 2, ChannelRole.End),
        new TextChannel("speech"),
        new TextChannel("task"));

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_recording_comes_back_bit_for_bit(bool gaps, bool ownTimes)
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps, ownTimes, tasks: true);
        var result = LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(recording.MomentCount, result.Rows);
        ExpectSame(recording, folder["set"]);
    }

    [Fact]
    public void Text_that_is_no_task_throughout_comes_back_as_text()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: false);
        LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        ExpectSame(recording, folder["set"]);
    }

    [Fact]
    public void Small_data_files_are_many_and_hold_the_same()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: true, ownTimes: false, tasks: true);
        LeRobotExporter.Export(recording, folder["set"], new LeRobotExportOptions { DataFileMegabytes = 0 }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(recording.Episodes.Count, Directory.GetFiles(folder["set/data/chunk-000"]).Length);
        ExpectSame(recording, folder["set"]);
    }

    [Fact]
    public void A_row_holds_the_command_that_came_after_its_senses()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: true);
        LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        using var file = ParquetFile.Open(folder["set/data/chunk-000/file-000.parquet"]);
        using var actions = file.Read(file.OnlyLeaf("action"));
        using var rewards = file.Read(file.OnlyLeaf("next.reward"));
        using var poses = file.Read(file.OnlyLeaf("observation.pose"));
        var (action, reward, pose) = (actions.Read(1000)!.Single, rewards.Read(1000)!.Single, poses.Read(1000)!.Single);
        var moments = new MomentBatch(recording.Schema, 1);
        foreach (var episode in recording.Episodes)
        {
            for (var at = episode.Start; at < episode.Stop; at++)
            {
                recording.Read(at, 1, moments);
                Assert.Equal(moments[0].Vector("pose"), pose.AsSpan((int)at * 3, 3));
                recording.Read(Math.Min(at + 1, episode.Stop - 1), 1, moments);
                Assert.Equal(moments[0].Vector("motor"), action.AsSpan((int)at * 2, 2));
                Assert.Equal(at + 1 < episode.Stop ? moments[0].Vector("reward")[0] : 0, reward[at]);
            }
        }
    }

    [Fact]
    public void A_stranger_without_our_key_reads_the_same_commands_and_senses()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: true);
        LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        Forget(folder["set/meta/info.json"]);
        using var set = LeRobotSets.Open(folder["set"]);
        Assert.Equal(CommandOrder.After, set.Plan.Commands);
        var expected = new MomentBatch(recording.Schema, 1);
        var actual = new MomentBatch(set.Plan.Schema, 1);
        for (var i = 0; i < recording.Episodes.Count; i++)
        {
            using var episode = set.OpenMoments(i, TestContext.Current.CancellationToken);
            for (var at = recording.Episodes[i].Start; at < recording.Episodes[i].Stop; at++)
            {
                Assert.True(episode.Read(actual));
                recording.Read(at, 1, expected);
                Assert.Equal(expected[0].Image("sight"), actual[0].Image("sight"));
                Assert.Equal(expected[0].Vector("pose"), actual[0].Vector("pose"));
                Assert.Equal(at > recording.Episodes[i].Start, actual[0].Has("action"));
                Assert.Equal(expected[0].Vector("motor"), actual[0].Vector("action"));
                Assert.Equal(expected[0].Text("task"), actual[0].Text("task"));
            }
        }
    }

    [Fact]
    public void Statistics_are_those_of_the_rows()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: true);
        LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        using var stats = JsonDocument.Parse(File.ReadAllText(folder["set/meta/stats.json"]));
        var pose = stats.RootElement.GetProperty("observation.pose");
        var batch = new MomentBatch(recording.Schema, (int)recording.MomentCount);
        recording.Read(0, batch.Count, batch);
        var values = Enumerable.Range(0, batch.Count).Select(row => (double)batch[row].Vector("pose")[1]).ToArray();
        Assert.Equal(values.Min(), pose.GetProperty("min")[1].GetDouble());
        Assert.Equal(values.Max(), pose.GetProperty("max")[1].GetDouble());
        Assert.Equal(values.Average(), pose.GetProperty("mean")[1].GetDouble(), 9);
        Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), pose.GetProperty("std")[1].GetDouble(), 9);
        Assert.Equal(values.Length, pose.GetProperty("count")[0].GetInt64());
        var sight = stats.RootElement.GetProperty("observation.images.sight").GetProperty("mean");
        var reds = Enumerable.Range(0, batch.Count).SelectMany(row => batch[row].Image("sight").ToArray().Where((_, i) => i % 3 == 0)).Average(value => value / 255.0);
        Assert.Equal(reds, sight[0][0][0].GetDouble(), 9);
    }

    [Fact]
    public void Videos_bring_back_each_picture_of_each_episode_within_the_loss_of_the_codec()
    {
        NeedsFfmpeg.OrSkip();
        using var folder = new TemporaryFolder();
        var schema = new Schema(Rate, new ImageChannel("left", 48, 64), new ImageChannel("right", 32, 32), new VectorChannel("motor", 1, ChannelRole.Motor));
        int[] lengths = [13, 1, 24];
        using (var writer = RecordingWriter.Create(folder["recording"], schema, new Provenance()))
        {
            var batch = new MomentBatch(schema, 1);
            for (var i = 0; i < lengths.Length; i++)
            {
                writer.BeginEpisode(i);
                for (var t = 0; t < lengths[i]; t++)
                {
                    batch.Clear();
                    batch.Image(0, 0).Fill(Grey(i, t));
                    batch.Image(1, 0).Fill((byte)(255 - Grey(i, t)));
                    batch.SetPresent(0, 0);
                    batch.SetPresent(1, 0);
                    writer.Write(batch, 0);
                }
            }
        }

        using (var recording = Recording.Open(folder["recording"]))
        {
            LeRobotExporter.Export(recording, folder["set"], new LeRobotExportOptions { Videos = true }, cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var isOurs in new[] { true, false })
        {
            if (!isOurs)
            {
                Forget(folder["set/meta/info.json"]);
            }

            using var set = LeRobotSets.Open(folder["set"]);
            var moment = new MomentBatch(set.Plan.Schema, 1);
            for (var i = 0; i < lengths.Length; i++)
            {
                using var episode = set.OpenMoments(i, TestContext.Current.CancellationToken);
                for (var t = 0; t < lengths[i]; t++)
                {
                    Assert.True(episode.Read(moment));
                    Assert.InRange(moment[0].Image("left")[0], Grey(i, t) - 2, Grey(i, t) + 2);
                    Assert.InRange(moment[0].Image("right")[100], 255 - Grey(i, t) - 2, 255 - Grey(i, t) + 2);
                }

                Assert.Null(episode.Warning);
            }
        }

        static byte Grey(int episode, int t) => (byte)(20 + (60 * episode) + (t * 5));
    }

    [Fact]
    public void A_folder_that_holds_something_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: true);
        Directory.CreateDirectory(folder["set"]);
        File.WriteAllText(folder["set/mine"], "");
        Assert.Throws<IOException>(() => LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFileSystemEntries(folder["set"]));
    }

    [Fact]
    public void What_is_broken_off_leaves_nothing_and_can_be_done_again()
    {
        using var folder = new TemporaryFolder();
        using var recording = Record(folder["recording"], gaps: false, ownTimes: false, tasks: true);
        using var cancellation = new CancellationTokenSource();
        var stop = new Stop(cancellation);
        Assert.ThrowsAny<OperationCanceledException>(() => LeRobotExporter.Export(recording, folder["set"], progress: stop, cancellation: cancellation.Token));
        Assert.Equal([folder["recording"]], Directory.GetFileSystemEntries(Path.GetDirectoryName(folder["set"])!));
        var result = LeRobotExporter.Export(recording, folder["set"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(recording.MomentCount, result.Rows);
    }

    private sealed class Stop(CancellationTokenSource cancellation) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value > 0.2)
            {
                cancellation.Cancel();
            }
        }
    }

    // Takes out what we alone read, so that the set is anybody's.
    private static void Forget(string path)
    {
        var info = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        info.Remove("umwelt");
        File.WriteAllText(path, info.ToJsonString());
    }

    private static Recording Record(string path, bool gaps, bool ownTimes, bool tasks)
    {
        var random = RandomStream.Of(11, gaps ? 1 : 0, ownTimes ? 1 : 0, tasks ? 1 : 0);
        Ending[] endings = [Ending.End, Ending.Truncation, Ending.End, Ending.Truncation];
        int[] lengths = [9, 1, 30, 2];
        using (var writer = RecordingWriter.Create(path, Everything, new Provenance { Origin = "test" }))
        {
            for (var episode = 0; episode < endings.Length; episode++)
            {
                writer.BeginEpisode(episode);
                var time = 0.0;
                for (var t = 0; t < lengths[episode]; t++)
                {
                    var batch = Make(episode, t, gaps, tasks, ref random);
                    batch.Endings[0] = t == lengths[episode] - 1 ? endings[episode] : Ending.None;
                    if (batch.IsPresent(9, 0))
                    {
                        batch.Category(9, 0) = batch.Endings[0] == Ending.End ? 1 : 0;
                    }

                    writer.Write(batch, 0, ownTimes ? time : null);
                    time += 0.01 + (random.NextDouble() * 0.1);
                }
            }
        }

        return Recording.Open(path);
    }

    private static MomentBatch Make(int episode, int t, bool gaps, bool tasks, ref RandomStream random)
    {
        var batch = new MomentBatch(Everything, 1);
        for (var i = 0; i < Everything.Channels.Length; i++)
        {
            var channel = Everything.Channels[i];
            if ((channel.Role == ChannelRole.Motor && t == 0) || (gaps && channel.Name != "task" && random.NextInt32(5) == 0))
            {
                continue;
            }

            switch (channel)
            {
                case ImageChannel:
                    foreach (ref var value in batch.Image(i, 0))
                    {
                        value = (byte)random.NextUInt32();
                    }

                    break;
                case SoundChannel:
                    foreach (ref var value in batch.Sound(i, 0))
                    {
                        value = (short)random.NextUInt32();
                    }

                    break;
                case VectorChannel:
                    random.FillNormal(batch.Vector(i, 0));
                    break;
                case CategoryChannel category:
                    batch.Category(i, 0) = random.NextInt32(category.Count);
                    break;
                case TextChannel:
                    var said = random.NextInt32(3) == 0 ? $"word {random.NextInt32(9)} ä" : "";
                    batch.SetText(i, 0, channel.Name == "speech" || !tasks ? said : t == 0 ? $"task {episode % 2}" : t == 7 ? "another task" : "");
                    break;
            }

            batch.SetPresent(i, 0);
        }

        return batch;
    }

    private static void ExpectSame(Recording recording, string folder)
    {
        using var set = LeRobotSets.Open(folder);
        Assert.Equal(recording.Schema, set.Plan.Schema);
        Assert.Empty(set.Plan.Warnings);
        Assert.Equal(recording.Episodes.Count, set.Plan.EpisodeCount);
        var expected = new MomentBatch(recording.Schema, 1);
        var actual = new MomentBatch(set.Plan.Schema, 1);
        Span<double> time = stackalloc double[1];
        for (var i = 0; i < recording.Episodes.Count; i++)
        {
            using var episode = set.OpenMoments(i, TestContext.Current.CancellationToken);
            for (var at = recording.Episodes[i].Start; at < recording.Episodes[i].Stop; at++)
            {
                Assert.True(episode.Read(actual));
                recording.Read(at, 1, expected);
                recording.ReadTimes(at, time);
                Assert.Equal(time[0], episode.Time ?? ((at - recording.Episodes[i].Start) / recording.Schema.Rate));
                for (var channel = 0; channel < recording.Schema.Channels.Length; channel++)
                {
                    var name = $"episode {i}, moment {at - recording.Episodes[i].Start}, {recording.Schema.Channels[channel].Name}";
                    Assert.True(expected.IsPresent(channel, 0) == actual.IsPresent(channel, 0), name);
                    Assert.True(expected.Bytes(channel, 0).SequenceEqual(actual.Bytes(channel, 0)), name);
                    Assert.True(recording.Schema.Channels[channel] is not TextChannel || expected.Text(channel, 0).SequenceEqual(actual.Text(channel, 0)), name);
                }

                Assert.Equal(expected.Endings[0], actual.Endings[0]);
            }

            Assert.False(episode.Read(actual));
            Assert.Null(episode.Warning);
        }
    }
}
