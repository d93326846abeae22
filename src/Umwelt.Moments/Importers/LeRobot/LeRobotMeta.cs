// The episodes and tasks of a LeRobot set of either version; where the lists are missing, what the data files themselves tell.
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Moments.Importers.Tables;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

internal sealed class LeRobotMeta
{
    public const string OldEpisodes = "meta/episodes.jsonl";
    public const string OldTasks = "meta/tasks.jsonl";
    public const string NewEpisodes = "meta/episodes";
    public const string NewTasks = "meta/tasks.parquet";
    private const int Stretch = 4096;
    private readonly string _folder;
    private readonly LeRobotInfo _info;

    private LeRobotMeta(string folder, LeRobotInfo info)
    {
        _folder = folder;
        _info = info;
    }

    public List<LeRobotEpisodeInfo> Episodes { get; private set; } = [];

    public Dictionary<long, string> Tasks { get; } = [];

    public List<string> Warnings { get; } = [];

    public static LeRobotMeta Read(string folder, LeRobotInfo info)
    {
        var meta = new LeRobotMeta(folder, info);
        if (info.SharesFiles)
        {
            meta.ReadNewTasks();
            meta.ReadNewEpisodes();
        }
        else
        {
            meta.ReadOldTasks();
            meta.ReadOldEpisodes();
        }

        if (meta.Episodes.Count == 0)
        {
            meta.Warnings.Add($"{(info.SharesFiles ? NewEpisodes : OldEpisodes)} is missing or empty: episodes are taken from the data files");
            meta.ScanData();
        }

        return meta;
    }

    private string PathOf(string relative) => Path.Combine(_folder, relative);

    private void ReadNewEpisodes()
    {
        var root = PathOf(NewEpisodes);
        if (!Directory.Exists(root))
        {
            return;
        }

        var files = Directory.GetFiles(root, "*.parquet", SearchOption.AllDirectories);
        Array.Sort(files, SourceFiles.Natural);
        var firsts = new Dictionary<string, long>(StringComparer.Ordinal);
        var froms = new List<long>();
        foreach (var path in files)
        {
            using var file = ParquetFile.Open(path);
            if (file.Rows > 0)
            {
                ReadNewEpisodes(file, firsts, froms);
            }
        }

        // A data file begins with the first of its episodes.
        for (var i = 0; i < Episodes.Count; i++)
        {
            Episodes[i] = Episodes[i] with { FirstRow = froms[i] - firsts[Episodes[i].DataFile] };
        }
    }

    private void ReadNewEpisodes(ParquetFile file, Dictionary<string, long> firsts, List<long> froms)
    {
        var index = Wholes(file, "episode_index");
        var length = Wholes(file, "length");
        var chunk = Wholes(file, "data/chunk_index");
        var part = Wholes(file, "data/file_index");
        var from = Wholes(file, "dataset_from_index");
        var ending = file.Root.Child(LeRobotOwnInfo.Ending) is null ? null : Wholes(file, LeRobotOwnInfo.Ending);
        var videos = new List<(string Key, long[] Chunk, long[] File, double[] From)>();
        foreach (var feature in _info.Features.Where(feature => feature.IsVideo))
        {
            var head = $"videos/{feature.Name}/";
            if (file.Root.Child(head + "chunk_index") is not null)
            {
                videos.Add((feature.Name, Wholes(file, head + "chunk_index"), Wholes(file, head + "file_index"), Numbers(file, head + "from_timestamp")));
            }
        }

        var firstValues = _info.Own is null ? [] : file.Fields.Where(field => field.Name.StartsWith(LeRobotOwnInfo.First, StringComparison.Ordinal))
            .Select(field => (Channel: field.Name[LeRobotOwnInfo.First.Length..], Lists: NumberLists(file, field.Name))).ToArray();
        for (var i = 0; i < index.Length; i++)
        {
            var data = LeRobotPath.Fill(_info.DataPath, new LeRobotPathValues(chunk[i], part[i], index[i]), _info.Path);
            if (length[i] < 0 || from[i] < 0 || length[i] > int.MaxValue || from[i] > long.MaxValue / 2)
            {
                throw new InvalidFileException(file.Path, $"episode {index[i]} claims {length[i]} rows from row {from[i]} on");
            }

            firsts[data] = firsts.TryGetValue(data, out var least) ? Math.Min(least, from[i]) : from[i];
            froms.Add(from[i]);
            Episodes.Add(new LeRobotEpisodeInfo(index[i], data, 0, length[i])
            {
                Ending = ending?[i] is >= 0 and <= 2 ? (Ending)ending[i] : Ending.None,
                Videos = videos.ToImmutableDictionary(
                    video => video.Key,
                    video => new LeRobotVideo(
                        LeRobotPath.Fill(_info.VideoPath, new LeRobotPathValues(video.Chunk[i], video.File[i], index[i], video.Key), _info.Path),
                        double.IsFinite(video.From[i]) ? Math.Max(0, video.From[i]) : 0),
                    StringComparer.Ordinal),
                FirstValues = firstValues.Where(first => first.Lists[i] is not null)
                    .ToImmutableDictionary(first => first.Channel, first => first.Lists[i]!.Value, StringComparer.Ordinal),
            });
        }
    }

    private void ReadNewTasks()
    {
        var path = PathOf(NewTasks);
        if (!File.Exists(path))
        {
            Warnings.Add($"{NewTasks} is missing: rows have no task");
            return;
        }

        using var file = ParquetFile.Open(path);
        var name = TaskColumn(file);
        if (name is null || file.Root.Child("task_index") is null)
        {
            Warnings.Add($"{NewTasks} has no column of tasks: rows have no task");
            return;
        }

        var indices = Wholes(file, "task_index");
        using var reader = file.Read(file.OnlyLeaf(name));
        for (var at = 0; reader.Read(Stretch) is { } texts;)
        {
            for (var i = 0; i < texts.Rows; i++)
            {
                Tasks[indices[at++]] = texts.Text(i) ?? "";
            }
        }
    }

    // The pandas metadata names the index; writers have called it task, __index_level_0__ or nothing at all.
    private static string? TaskColumn(ParquetFile file)
    {
        var texts = file.Fields.Where(field => field.IsLeaf && field.Type == ParquetType.ByteArray).Select(field => field.Name).ToArray();
        if (file.Metadata.TryGetValue("pandas", out var pandas))
        {
            try
            {
                using var document = JsonDocument.Parse(pandas);
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty("index_columns", out var index) && index.ValueKind == JsonValueKind.Array
                    && index.GetArrayLength() > 0 && index[0].ValueKind == JsonValueKind.String
                    && texts.Contains(index[0].GetString(), StringComparer.Ordinal))
                {
                    return index[0].GetString();
                }
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                // Without it the columns' names decide.
            }
        }

        return texts.Contains("task", StringComparer.Ordinal) ? "task" : texts.FirstOrDefault();
    }

    private void ReadOldTasks()
    {
        var path = PathOf(OldTasks);
        if (!File.Exists(path))
        {
            Warnings.Add($"{OldTasks} is missing: rows have no task");
            return;
        }

        using var lines = new JsonLinesReader(File.OpenRead(path), path, []);
        while (lines.Read())
        {
            Tasks[Whole(lines, "task_index")] = Encoding.UTF8.GetString(lines.Row[Cell(lines, "task")]);
        }
    }

    private void ReadOldEpisodes()
    {
        var path = PathOf(OldEpisodes);
        if (!File.Exists(path))
        {
            return;
        }

        using var lines = new JsonLinesReader(File.OpenRead(path), path, []);
        while (lines.Read())
        {
            var index = Whole(lines, "episode_index");
            var length = Whole(lines, "length");
            if (index < 0 || length is < 0 or > int.MaxValue)
            {
                throw new InvalidFileException(path, $"line {lines.Row.Line}: episode {index} claims {length} rows");
            }

            Episodes.Add(OldEpisode(index, LeRobotPath.Fill(_info.DataPath, OldValues(index), _info.Path), 0, length));
        }
    }

    private LeRobotPathValues OldValues(long index, string key = "") => new(index / _info.ChunkSize, index, index, key);

    private LeRobotEpisodeInfo OldEpisode(long index, string data, long first, long length) => new(index, data, first, length)
    {
        Videos = _info.SharesFiles ? ImmutableDictionary<string, LeRobotVideo>.Empty : _info.Features.Where(feature => feature.IsVideo).ToImmutableDictionary(
            feature => feature.Name,
            feature => new LeRobotVideo(LeRobotPath.Fill(_info.VideoPath, OldValues(index, feature.Name), _info.Path), 0),
            StringComparer.Ordinal),
    };

    // Without a list of episodes, a run of equal numbers in the column episode_index is one.
    private void ScanData()
    {
        var root = PathOf("data");
        foreach (var path in Directory.Exists(root) ? SourceFiles.Of(root, ".parquet") : [])
        {
            using var file = ParquetFile.Open(path);
            var relative = Path.GetRelativePath(_folder, path).Replace('\\', '/');
            using var reader = file.Read(file.OnlyLeaf("episode_index"));
            long row = 0, first = 0, current = -1;
            while (reader.Read(Stretch) is { } values)
            {
                for (var i = 0; i < values.Rows; i++, row++)
                {
                    var index = values.Whole(i);
                    if (index != current && row > first)
                    {
                        Episodes.Add(OldEpisode(current, relative, first, row - first));
                        first = row;
                    }

                    current = index;
                }
            }

            if (row > first)
            {
                Episodes.Add(OldEpisode(current, relative, first, row - first));
            }
        }

        if (Episodes.Count == 0)
        {
            throw new InvalidFileException(_folder, "has neither a list of episodes nor data files; is it all there?");
        }
    }

    private static long[] Wholes(ParquetFile file, string column)
    {
        var result = new List<long>();
        using var reader = file.Read(file.OnlyLeaf(column));
        while (reader.Read(Stretch) is { } values)
        {
            for (var row = 0; row < values.Rows; row++)
            {
                var (first, count) = values.Row(row);
                result.Add(count == 1 ? values.Whole(first) : throw new InvalidFileException(file.Path, $"column {ParquetPlace.Quote(column)} has {count} values in row {result.Count}"));
            }
        }

        return [.. result];
    }

    private static double[] Numbers(ParquetFile file, string column) =>
        [.. NumberLists(file, column).Select(list => list is { Length: 1 } one ? one[0] : double.NaN)];

    private static List<ImmutableArray<double>?> NumberLists(ParquetFile file, string column)
    {
        var result = new List<ImmutableArray<double>?>();
        using var reader = file.Read(file.OnlyLeaf(column));
        while (reader.Read(Stretch) is { } values)
        {
            for (var row = 0; row < values.Rows; row++)
            {
                var (first, count) = values.Row(row);
                result.Add(values.Lists.Length > 0 && !values.Lists[0].Present[row] ? null : [.. Enumerable.Range(first, count).Select(values.Number)]);
            }
        }

        return result;
    }

    private static int Cell(JsonLinesReader lines, string column)
    {
        for (var i = 0; i < lines.Columns.Count; i++)
        {
            if (string.Equals(lines.Columns[i], column, StringComparison.Ordinal) && lines.Row.Form(i) != CellForm.Missing)
            {
                return i;
            }
        }

        throw lines.Wrong(lines.Row.Line, $"it has no \"{column}\"");
    }

    private static long Whole(JsonLinesReader lines, string column) =>
        long.TryParse(lines.Row[Cell(lines, column)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw lines.Wrong(lines.Row.Line, $"its \"{column}\" is no whole number");
}
