// The laws of importing other people's LeRobot sets: commands lead to the next moment; what is missing or odd is said in one line, and the
// rest is imported; no set leads out of its folder. Sets of version 2.1 and 3.0 are written here by hand.
using System.Globalization;
using System.Text;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.LeRobot;

public sealed class LeRobotImportTests
{
    private const string Features = """
        "observation.state": {"dtype": "float32", "shape": [2], "names": {"motors": ["a", "b"]}},
        "action": {"dtype": "float32", "shape": [2], "names": null},
        "observation.images.top": {"dtype": "video", "shape": [3, 48, 64], "names": ["channels", "height", "width"]},
        "next.reward": {"dtype": "float32", "shape": [1], "names": null},
        "next.done": {"dtype": "bool", "shape": [1], "names": null},
        "timestamp": {"dtype": "float32", "shape": [1], "names": null},
        "frame_index": {"dtype": "int64", "shape": [1], "names": null},
        "episode_index": {"dtype": "int64", "shape": [1], "names": null},
        "index": {"dtype": "int64", "shape": [1], "names": null},
        "task_index": {"dtype": "int64", "shape": [1], "names": null}
        """;

    private static readonly int[] Lengths = [4, 6];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_action_of_a_row_leads_to_the_next_moment(bool shared)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared);
        using var set = LeRobotSets.Open(folder.Path);
        Assert.Equal(CommandOrder.After, set.Plan.Commands);
        Assert.Equal(["state", "action", "reward", "done", "task"], set.Plan.Schema.Channels.Select(channel => channel.Name));
        Assert.Equal(["a", "b"], ((VectorChannel)set.Plan.Schema["state"]).Names);
        var moment = new MomentBatch(set.Plan.Schema, 1);
        for (var i = 0; i < Lengths.Length; i++)
        {
            using var episode = set.OpenMoments(i, TestContext.Current.CancellationToken);
            for (var k = 0; k < Lengths[i]; k++)
            {
                Assert.True(episode.Read(moment));
                Assert.Equal([Value(i, k, 0), Value(i, k, 1)], moment[0].Vector("state").ToArray());
                Assert.Equal(k > 0, moment[0].Has("action"));
                Assert.Equal(k > 0 ? [Value(i, k - 1, 2), Value(i, k - 1, 3)] : [0, 0], moment[0].Vector("action").ToArray());
                Assert.Equal(k > 0 ? k - 1 : 0, moment[0].Vector("reward")[0]);
                Assert.Equal(k == 0 ? $"do {i} ä" : "", moment[0].Text("task"));
                Assert.Equal(Ending.None, moment.Endings[0]);
                Assert.Null(episode.Time);
            }

            // What the last action brought was never seen, but it brought a reward and the end.
            Assert.True(episode.Read(moment));
            Assert.False(moment[0].Has("state"));
            Assert.Equal(Value(i, Lengths[i] - 1, 2), moment[0].Vector("action")[0]);
            Assert.Equal(Ending.End, moment.Endings[0]);
            Assert.False(episode.Read(moment));
            Assert.Null(episode.Warning);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Missing_videos_are_said_and_the_rest_is_there(bool shared)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared);
        using var set = LeRobotSets.Open(folder.Path);
        var warning = Assert.Single(set.Plan.Warnings);
        Assert.Contains("the videos of observation.images.top are missing (videos/", warning, StringComparison.Ordinal);
        Assert.Contains(set.Plan.Dropped, dropped => dropped.StartsWith("observation.images.top:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_list_of_episodes_the_rows_tell_them(bool shared)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared);
        if (shared)
        {
            Directory.Delete(folder["meta/episodes"], recursive: true);
        }
        else
        {
            File.WriteAllText(folder["meta/episodes.jsonl"], "");
        }

        using var set = LeRobotSets.Open(folder.Path);
        Assert.Contains(set.Plan.Warnings, warning => warning.Contains("is missing or empty: episodes are taken from the data files", StringComparison.Ordinal));
        Assert.Equal(2, set.Plan.EpisodeCount);
        Assert.Equal(Lengths.Sum(), set.Plan.MomentCount);
        using var episode = set.OpenEpisode(1, TestContext.Current.CancellationToken);
        var row = new MomentBatch(set.Plan.Schema, 1);
        Assert.True(episode.Read(row));
        Assert.Equal(Value(1, 0, 0), row[0].Vector("state")[0]);
    }

    [Fact]
    public void Numbers_that_are_none_leave_the_channel_absent_and_are_told()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true, change: (i, k, row) => row[0] = i == 1 && k == 2 ? float.NaN : row[0]);
        using var set = LeRobotSets.Open(folder.Path);
        using var episode = set.OpenMoments(1, TestContext.Current.CancellationToken);
        var moment = new MomentBatch(set.Plan.Schema, 1);
        for (var k = 0; k < Lengths[1]; k++)
        {
            Assert.True(episode.Read(moment));
            Assert.Equal(k != 2, moment[0].Has("state"));
        }

        Assert.Contains("'observation.state' holds numbers that are none (NaN), as in row 6", episode.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Timestamps_that_jump_are_told_and_kept()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true, time: (i, k) => (k * 0.1) + (i == 1 && k >= 3 ? 2 : 0));
        using var set = LeRobotSets.Open(folder.Path);
        using var episode = set.OpenMoments(1, TestContext.Current.CancellationToken);
        var moment = new MomentBatch(set.Plan.Schema, 1);
        for (var k = 0; k < Lengths[1]; k++)
        {
            Assert.True(episode.Read(moment));
            Assert.Equal((k * 0.1) + (k >= 3 ? 2 : 0), episode.Time ?? (k * 0.1), 5);
        }

        Assert.Contains("timestamps jump from 0.2 to 2.3 s", episode.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_that_differ_are_told()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true, claim: [5, 5]);
        using var set = LeRobotSets.Open(folder.Path);
        using var episode = set.OpenEpisode(0, TestContext.Current.CancellationToken);
        Assert.Equal(4, Count(episode, set.Plan.Schema));
        Assert.Contains("episode 0 has 4 rows where the list of episodes says 5", episode.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_rename_channels_and_leave_columns_out()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true);
        using var set = LeRobotSets.Open(
            folder.Path,
            new ImportOptions { Map = [ImportMapping.Parse("observation.state=arm"), ImportMapping.Parse("next.reward=prize::sense")], Drop = ["task_index", "next.done"] });
        Assert.Equal(["arm", "action", "prize"], set.Plan.Schema.Channels.Select(channel => channel.Name));
        Assert.Equal(ChannelRole.Sense, set.Plan.Schema["prize"].Role);
        Assert.Contains("next.done: as asked", set.Plan.Dropped);
    }

    [Theory]
    [InlineData("\"fps\": 10", "\"fps\": 0", "fps")]
    [InlineData("\"codebase_version\": \"v3.0\"", "\"codebase_version\": \"v1.6\"", "v1.6")]
    [InlineData("chunk-{chunk_index:03d}", "../chunk-{chunk_index:03d}", "leads out")]
    [InlineData("chunk-{chunk_index:03d}", "chunk-{chunk_number:03d}", "chunk_number")]
    [InlineData("file-{file_index:03d}.parquet", "part-{file_index:03d}.parquet", "has no data/chunk-000/part-000.parquet")]
    [InlineData("\"shape\": [2]", "\"shape\": [-2]", "shape")]
    [InlineData("\"shape\": [2]", "\"shape\": [70000, 70000]", "shape")]
    [InlineData("\"fps\": 10", "\"fps\": 10,", "JSON")]
    public void What_is_wrong_is_said_in_one_line(string old, string changed, string said)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true);
        var path = folder["meta/info.json"];
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, changed, StringComparison.Ordinal));
        var error = Assert.Throws<InvalidFileException>(() => LeRobotSets.Open(folder.Path).Dispose());
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_row_of_another_length_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, shared: true);
        var path = folder["meta/info.json"];
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"shape\": [2], \"names\": null", "\"shape\": [3], \"names\": null", StringComparison.Ordinal));
        using var set = LeRobotSets.Open(folder.Path);
        using var episode = set.OpenEpisode(0, TestContext.Current.CancellationToken);
        var error = Assert.Throws<InvalidFileException>(() => Count(episode, set.Plan.Schema));
        Assert.EndsWith("row 0: column 'action' has 2 numbers where 3 are meant", error.Message, StringComparison.Ordinal);
    }

    private static int Count(EpisodeSource episode, Schema schema)
    {
        var row = new MomentBatch(schema, 1);
        var count = 0;
        for (; episode.Read(row); count++)
        {
            row.Clear();
        }

        return count;
    }

    private static float Value(int episode, int row, int number) => (episode * 100) + (row * 4) + number + 0.5f;

    private static void Write(string folder, bool shared, Action<int, int, float[]>? change = null, Func<int, int, double>? time = null, int[]? claim = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "meta"));
        Directory.CreateDirectory(Path.Combine(folder, "data/chunk-000"));
        File.WriteAllText(Path.Combine(folder, "meta/info.json"), $$"""
            {"codebase_version": "{{(shared ? "v3.0" : "v2.1")}}", "robot_type": "arm", "total_episodes": 2, "total_frames": {{(claim ?? Lengths).Sum()}}, "chunks_size": 1000,
             "fps": 10, "splits": {"train": "0:2"}, "unknown": [1, {"a": null}],
             "data_path": "{{(shared ? "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet" : "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")}}",
             "video_path": "{{(shared ? "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4" : "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4")}}",
             "features": { {{Features}} } }
            """);
        var rows = Enumerable.Range(0, 2).SelectMany(i => Enumerable.Range(0, Lengths[i]).Select(k => (i, k))).ToArray();
        if (shared)
        {
            WriteRows(Path.Combine(folder, "data/chunk-000/file-000.parquet"), rows, change, time);
            WriteShared(folder, claim ?? Lengths);
            return;
        }

        for (var i = 0; i < 2; i++)
        {
            WriteRows(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"data/chunk-000/episode_{i:D6}.parquet")), rows.Where(row => row.i == i).ToArray(), change, time);
        }

        File.WriteAllText(Path.Combine(folder, "meta/tasks.jsonl"), "{\"task_index\": 0, \"task\": \"do 0 \\u00e4\"}\n{\"task_index\": 1, \"task\": \"do 1 ä\"}\n");
        var lines = new StringBuilder();
        for (var i = 0; i < 2; i++)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{{\"episode_index\": {i}, \"tasks\": [\"do {i} ä\"], \"length\": {(claim ?? Lengths)[i]}}}\n");
        }

        File.WriteAllText(Path.Combine(folder, "meta/episodes.jsonl"), lines.ToString());
    }

    private static void WriteShared(string folder, int[] lengths)
    {
        using (var tasks = ParquetWriter.Create(Path.Combine(folder, "meta/tasks.parquet"), [ParquetField.Leaf("task_index", ParquetType.Int64), ParquetField.Text("__index_level_0__")]))
        {
            tasks.Metadata["pandas"] = "{\"index_columns\": [\"__index_level_0__\"]}";
            tasks.WriteRowGroup(ParquetColumns.Flat<long>(tasks.Leaves[0], [0, 1]), ParquetColumns.Text(tasks.Leaves[1], ["do 0 ä", "do 1 ä"]));
            tasks.Finish();
        }

        Directory.CreateDirectory(Path.Combine(folder, "meta/episodes/chunk-000"));
        string[] names = ["episode_index", "length", "data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index", "videos/observation.images.top/chunk_index", "videos/observation.images.top/file_index"];
        using var episodes = ParquetWriter.Create(
            Path.Combine(folder, "meta/episodes/chunk-000/file-000.parquet"),
            [.. names.Select(name => ParquetField.Leaf(name, ParquetType.Int64)), ParquetField.Leaf("videos/observation.images.top/from_timestamp", ParquetType.Double)]);
        long[][] values = [[0, 1], [lengths[0], lengths[1]], [0, 0], [0, 0], [0, Lengths[0]], [Lengths[0], Lengths[0] + Lengths[1]], [0, 0], [0, 0]];
        episodes.WriteRowGroup([.. values.Select((column, i) => ParquetColumns.Flat(episodes.Leaves[i], column)), ParquetColumns.Flat<double>(episodes.Leaves[^1], [0, 1])]);
        episodes.Finish();
    }

    private static void WriteRows(string path, (int I, int K)[] rows, Action<int, int, float[]>? change, Func<int, int, double>? time)
    {
        using var writer = ParquetWriter.Create(
            path,
            [
                ParquetField.List("observation.state", ParquetField.Leaf("element", ParquetType.Float)),
                ParquetField.List("action", ParquetField.Leaf("element", ParquetType.Float)),
                ParquetField.Leaf("next.reward", ParquetType.Float), ParquetField.Leaf("next.done", ParquetType.Boolean), ParquetField.Leaf("timestamp", ParquetType.Float),
                ParquetField.Leaf("frame_index", ParquetType.Int64), ParquetField.Leaf("episode_index", ParquetType.Int64), ParquetField.Leaf("index", ParquetType.Int64),
                ParquetField.Leaf("task_index", ParquetType.Int64),
            ]);
        var states = rows.SelectMany(row =>
        {
            float[] state = [Value(row.I, row.K, 0), Value(row.I, row.K, 1)];
            change?.Invoke(row.I, row.K, state);
            return state;
        }).ToArray();
        writer.WriteRowGroup(
            ParquetColumns.Lists(writer.Leaves[0], states, rows.Length, 2),
            ParquetColumns.Lists(writer.Leaves[1], rows.SelectMany(row => new[] { Value(row.I, row.K, 2), Value(row.I, row.K, 3) }).ToArray(), rows.Length, 2),
            ParquetColumns.Flat(writer.Leaves[2], rows.Select(row => (float)row.K).ToArray()),
            ParquetColumns.Flat(writer.Leaves[3], rows.Select(row => row.K == Lengths[row.I] - 1).ToArray()),
            ParquetColumns.Flat(writer.Leaves[4], rows.Select(row => (float)(time?.Invoke(row.I, row.K) ?? row.K * 0.1)).ToArray()),
            ParquetColumns.Flat(writer.Leaves[5], rows.Select(row => (long)row.K).ToArray()),
            ParquetColumns.Flat(writer.Leaves[6], rows.Select(row => (long)row.I).ToArray()),
            ParquetColumns.Flat(writer.Leaves[7], rows.Select((_, index) => (long)index).ToArray()),
            ParquetColumns.Flat(writer.Leaves[8], rows.Select(row => (long)row.I).ToArray()));
        writer.Finish();
    }
}
