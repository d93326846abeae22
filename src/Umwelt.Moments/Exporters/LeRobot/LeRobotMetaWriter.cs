// Writes what stands in meta/: tasks, episodes with their statistics, the statistics of all, and at the very end info.json.
using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Exporters.LeRobot;

internal sealed class LeRobotMetaWriter(
    string folder, Schema schema, LeRobotColumns columns, LeRobotSurvey survey, IReadOnlyList<LeRobotEpisodeRow> episodes, int rate, LeRobotExportOptions options)
{
    private const int FilesOfChunk = 1000;
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(long rows)
    {
        WriteTasks();
        WriteEpisodes();
        WriteStatistics();
        WriteInfo(rows);
    }

    /// <summary>What Hugging Face's library reads from the footer to know lists of a fixed length and pictures as such.</summary>
    public static string HuggingFace(ImmutableArray<LeRobotOutput> outputs) => Json(default, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("info");
        json.WriteStartObject("features");
        foreach (var output in outputs.Where(output => output.Field is not null))
        {
            json.WriteStartObject(output.Name);
            if (output.Type == "image")
            {
                json.WriteString("_type", "Image");
            }
            else if (output.Shape.Length > 1)
            {
                json.WriteStartArray("shape");
                foreach (var extent in output.Shape)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteString("dtype", output.Type);
                json.WriteString("_type", $"Array{output.Shape.Length}D");
            }
            else if (output.Shape is not [1])
            {
                json.WriteStartObject("feature");
                json.WriteString("dtype", output.Type);
                json.WriteString("_type", "Value");
                json.WriteEndObject();
                json.WriteNumber("length", output.Shape[0]);
                json.WriteString("_type", "List");
            }
            else
            {
                json.WriteString("dtype", output.Type);
                json.WriteString("_type", "Value");
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static string Json(JsonWriterOptions form, Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, form))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    // The index of the table is the task, as pandas has it; row i is task i.
    private void WriteTasks()
    {
        using var writer = ParquetWriter.Create(Path.Combine(folder, LeRobotMeta.NewTasks), [ParquetField.Leaf("task_index", ParquetType.Int64), ParquetField.Text("task")]);
        writer.Metadata["pandas"] =
            """{"index_columns": ["task"], "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode", "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}], "columns": [{"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64", "metadata": null}, {"name": "task", "field_name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": null}], "attributes": {}, "creator": {"library": "umwelt", "version": "1"}, "pandas_version": "2.0.0"}""";
        writer.WriteRowGroup(
            ParquetColumns.Flat(writer.Leaves[0], [.. Enumerable.Range(0, survey.Tasks.Count).Select(i => (long)i)]),
            ParquetColumns.Text(writer.Leaves[1], survey.Tasks));
        writer.Finish();
    }

    private void WriteEpisodes()
    {
        var fields = ImmutableArray.CreateBuilder<ParquetField>();
        var values = new List<Func<ParquetValues>>();
        Wholes("episode_index", episode => episode.Index);
        var tasks = ParquetField.List("tasks", ParquetField.Text("element"));
        fields.Add(tasks);
        values.Add(() => ParquetColumns.TextLists(tasks.OnlyLeaf()!, [.. episodes.Select(episode => episode.Tasks.Select(task => survey.Tasks[task]).ToArray())]));
        Wholes("length", episode => episode.Length);
        Wholes("data/chunk_index", episode => episode.DataFile / FilesOfChunk);
        Wholes("data/file_index", episode => episode.DataFile % FilesOfChunk);
        Wholes("dataset_from_index", episode => episode.FirstRow);
        Wholes("dataset_to_index", episode => episode.FirstRow + episode.Length);
        for (var i = 0; i < columns.Films.Count; i++)
        {
            var film = i;
            var head = $"videos/{columns.Films[i].Film.Name}/";
            Wholes(head + "chunk_index", episode => episode.Videos[film].File / FilesOfChunk);
            Wholes(head + "file_index", episode => episode.Videos[film].File % FilesOfChunk);
            Numbers(head + "from_timestamp", episode => episode.Videos[film].From);
            Numbers(head + "to_timestamp", episode => episode.Videos[film].From + (episode.Length / (double)rate));
        }

        AddStatistics(fields, values);
        Wholes("meta/episodes/chunk_index", _ => 0);
        Wholes("meta/episodes/file_index", _ => 0);
        Wholes(LeRobotOwnInfo.Ending, episode => (long)episode.Ending);
        AddFirstValues(fields, values);
        var path = Path.Combine(folder, LeRobotPath.Fill(LeRobotPath.Episodes, default, folder));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = ParquetWriter.Create(path, fields.ToImmutable());
        writer.WriteRowGroup([.. values.Select(value => value())]);
        writer.Finish();

        void Wholes(string name, Func<LeRobotEpisodeRow, long> value)
        {
            var field = ParquetField.Leaf(name, ParquetType.Int64);
            fields.Add(field);
            values.Add(() => ParquetColumns.Flat(field, [.. episodes.Select(value)]));
        }

        void Numbers(string name, Func<LeRobotEpisodeRow, double> value)
        {
            var field = ParquetField.Leaf(name, ParquetType.Double);
            fields.Add(field);
            values.Add(() => ParquetColumns.Flat(field, [.. episodes.Select(value)]));
        }
    }

    // Lists of numbers; of pictures one number a colour, [colours, 1, 1].
    private void AddStatistics(ImmutableArray<ParquetField>.Builder fields, List<Func<ParquetValues>> values)
    {
        foreach (var output in columns.Outputs)
        {
            if (!columns.Statistics.TryGetValue(output.Name, out var statistics))
            {
                continue;
            }

            var isPicture = statistics is LeRobotPictureStatistics;
            int[] lengths = isPicture ? [statistics.Size, 1, 1] : [statistics.Size];
            var names = new LeRobotStatistic(1).Named().Select(named => named.Name).ToArray();
            for (var i = 0; i < names.Length; i++)
            {
                var which = i;
                var element = ParquetField.Leaf("element", ParquetType.Double);
                var name = $"stats/{output.Name}/{names[i]}";
                var field = isPicture ? ParquetField.List(name, ParquetField.List("element", ParquetField.List("element", element))) : ParquetField.List(name, element);
                fields.Add(field);
                values.Add(() => ParquetColumns.Lists<double>(
                    field.OnlyLeaf()!,
                    [.. episodes.SelectMany(episode => episode.Statistics[output.Name].Named().ElementAt(which).Values)],
                    episodes.Count,
                    lengths));
            }

            var count = ParquetField.List($"stats/{output.Name}/count", ParquetField.Leaf("element", ParquetType.Int64));
            fields.Add(count);
            values.Add(() => ParquetColumns.Lists<long>(count.OnlyLeaf()!, [.. episodes.Select(episode => episode.Statistics[output.Name].Count)], episodes.Count, 1));
        }
    }

    private void AddFirstValues(ImmutableArray<ParquetField>.Builder fields, List<Func<ParquetValues>> values)
    {
        foreach (var channel in schema.Channels.Where(channel => channel.Role != ChannelRole.Sense && episodes.Any(episode => episode.FirstValues.ContainsKey(channel.Name))))
        {
            var field = ParquetField.List(LeRobotOwnInfo.First + channel.Name, ParquetField.Leaf("element", ParquetType.Double));
            fields.Add(field);
            values.Add(() =>
            {
                var offsets = new int[episodes.Count + 1];
                var present = new bool[episodes.Count];
                var all = new List<double>();
                for (var i = 0; i < episodes.Count; i++)
                {
                    present[i] = episodes[i].FirstValues.TryGetValue(channel.Name, out var first);
                    all.AddRange(first ?? []);
                    offsets[i + 1] = all.Count;
                }

                var there = new bool[all.Count];
                Array.Fill(there, true);
                return new ParquetValues(field.OnlyLeaf()!, episodes.Count, all.Count, [new ParquetLists(offsets, present)], there, all.ToArray());
            });
        }
    }

    private void WriteStatistics() => AtomicFile.WriteAllText(Path.Combine(folder, "meta/stats.json"), Json(Indented, json =>
    {
        json.WriteStartObject();
        foreach (var output in columns.Outputs)
        {
            if (!columns.Statistics.TryGetValue(output.Name, out var statistics))
            {
                continue;
            }

            var all = LeRobotStatistic.Over([.. episodes.Select(episode => episode.Statistics[output.Name])], statistics.Size);
            json.WriteStartObject(output.Name);
            foreach (var (name, numbers) in all.Named())
            {
                json.WriteStartArray(name);
                foreach (var number in numbers)
                {
                    if (statistics is LeRobotPictureStatistics)
                    {
                        json.WriteStartArray();
                        json.WriteStartArray();
                        json.WriteNumberValue(number);
                        json.WriteEndArray();
                        json.WriteEndArray();
                    }
                    else
                    {
                        json.WriteNumberValue(number);
                    }
                }

                json.WriteEndArray();
            }

            json.WriteStartArray("count");
            json.WriteNumberValue(all.Count);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }));

    private void WriteInfo(long rows) => AtomicFile.WriteAllText(Path.Combine(folder, LeRobotInfo.FileName), Json(Indented, json =>
    {
        json.WriteStartObject();
        json.WriteString("codebase_version", "v3.0");
        json.WriteString("robot_type", options.Robot);
        json.WriteNumber("total_episodes", episodes.Count);
        json.WriteNumber("total_frames", rows);
        json.WriteNumber("total_tasks", survey.Tasks.Count);
        json.WriteNumber("chunks_size", FilesOfChunk);
        json.WriteNumber("data_files_size_in_mb", options.DataFileMegabytes);
        json.WriteNumber("video_files_size_in_mb", 500);
        json.WriteNumber("fps", rate);
        json.WriteStartObject("splits");
        json.WriteString("train", $"0:{episodes.Count}");
        json.WriteEndObject();
        json.WriteString("data_path", LeRobotPath.Data);
        if (columns.Films.Count > 0)
        {
            json.WriteString("video_path", LeRobotPath.Videos);
        }
        else
        {
            json.WriteNull("video_path");
        }

        json.WriteStartObject("features");
        foreach (var output in columns.Outputs)
        {
            WriteFeature(json, output);
        }

        json.WriteEndObject();
        json.WritePropertyName(LeRobotOwnInfo.Key);
        JsonSerializer.Serialize(
            json,
            new LeRobotOwnInfo(LeRobotOwnInfo.CurrentVersion, schema.Rate, schema.Channels, columns.Names),
            LeRobotOwnJson.Default.LeRobotOwnInfo);
        json.WriteEndObject();
    }));

    private void WriteFeature(Utf8JsonWriter json, LeRobotOutput output)
    {
        json.WriteStartObject(output.Name);
        json.WriteString("dtype", output.Type);
        json.WriteStartArray("shape");
        foreach (var extent in output.Shape)
        {
            json.WriteNumberValue(extent);
        }

        json.WriteEndArray();
        ImmutableArray<string> names = output.Type is "image" or "video" ? ["height", "width", "channels"] : output.Names;
        if (names.IsDefaultOrEmpty)
        {
            json.WriteNull("names");
        }
        else
        {
            json.WriteStartArray("names");
            foreach (var name in names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        if (output is LeRobotFilm film)
        {
            json.WriteStartObject("info");
            json.WriteNumber("video.height", film.Image.Height);
            json.WriteNumber("video.width", film.Image.Width);
            json.WriteNumber("video.channels", 3);
            json.WriteNumber("video.fps", rate);
            json.WriteString("video.pix_fmt", "yuv420p");
            json.WriteBoolean("video.is_depth_map", false);
            json.WriteBoolean("has_audio", false);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
