// A LeRobot set of version 2.0, 2.1 or 3.x, opened to be imported: what it holds, which channels that becomes, and its episodes as
// sources of rows. Videos may be missing; the rest is then imported, and the plan says what is not.
using System.Collections.Immutable;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

/// <summary>An open set. One thread at a time reads its episodes, best in their order and one at a time.</summary>
internal sealed class LeRobotImporter : Importer
{
    private readonly LeRobotMeta _meta;
    private LeRobotDataFile? _file;

    private LeRobotImporter(string folder, ImportOptions options)
    {
        Folder = folder;
        Info = LeRobotInfo.Read(folder);
        _meta = LeRobotMeta.Read(folder, Info);
        var mapping = Info.Own is { } own ? OwnMapping(own, ref options) : LeRobotMapping.Of(Info, options, _meta.Tasks.Count > 0);
        var warnings = new List<string>(_meta.Warnings);
        CheckCounts(warnings);
        var first = OpenFirst();
        CheckColumns(mapping, first, warnings);
        CheckVideos(mapping, warnings);
        if (options.Rate is { } rate && Math.Abs(rate - Info.Rate) > 1e-9 && Info.Own is null)
        {
            throw new InvalidFileException(Info.Path, $"has {Info.Rate} rows in a second; another rate ({rate}) is not made of them");
        }

        Schema = SchemaOf(mapping);
        Truncated = mapping.Truncated;
        Columns = [.. mapping.Bindings.Where(binding => binding.Feature is not { IsVideo: true }).Select(ColumnOf)];
        Videos = [.. mapping.Bindings.Where(binding => binding.Feature is { IsVideo: true })
            .Select(binding => (binding.Column, (ImageChannel)binding.Channel, Schema.IndexOf(binding.Channel.Name)))];
        Plan = new ImportPlan
        {
            Format = "LeRobot " + Info.Version,
            Source = folder,
            Schema = Schema,
            Map = [.. mapping.Bindings.Select(binding => new ImportMapping(binding.Column, binding.Channel.Name, binding.Channel.Kind, binding.Channel.Role))],
            Dropped = [.. mapping.Dropped],
            Commands = Schema.Motors.IsEmpty ? null : Info.Own is not null ? CommandOrder.Before : options.Commands ?? CommandOrder.After,
            CommandsReason = Schema.Motors.IsEmpty ? null
                : Info.Own is not null ? "Umwelt wrote the set, and its commands are put back to where they led"
                : options.Commands is not null ? "as asked"
                : "a row of LeRobot holds the action that was taken after its observation; the last of an episode leads to a moment only if it brought a reward or an end",
            EpisodeCount = _meta.Episodes.Count,
            MomentCount = _meta.Episodes.Sum(episode => episode.Length),
            Warnings = [.. warnings],
            Fingerprint = SourceFiles.Fingerprint(folder, FilesOf(), options.ToJson()),
        };
    }

    public string Folder { get; }

    public LeRobotInfo Info { get; }

    public Schema Schema { get; }

    public override ImportPlan Plan { get; }

    internal ImmutableArray<LeRobotColumn> Columns { get; }

    internal ImmutableArray<(string Feature, ImageChannel Image, int Channel)> Videos { get; }

    internal string? Truncated { get; }

    /// <summary>Looks at a set; only descriptions are read.</summary>
    public static Importer Open(string folder, ImportOptions options, CancellationToken cancellation) => new LeRobotImporter(folder, options);

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation)
    {
        var info = _meta.Episodes[episode];
        return new LeRobotEpisode(this, info, DataFile(info.DataFile), cancellation);
    }

    protected override void Dispose(bool disposing) => _file?.Dispose();

    // Where channels cannot stand together, the set or the options are to blame.
    private Schema SchemaOf(LeRobotMapping mapping)
    {
        try
        {
            return new Schema(Info.Own?.Rate ?? Info.Rate, mapping.Bindings.Select(binding => binding.Channel));
        }
        catch (SchemaException error)
        {
            throw new InvalidFileException(Info.Path, error.Message, innerException: error);
        }
    }

    private LeRobotDataFile DataFile(string relative)
    {
        var path = Path.Combine(Folder, relative);
        if (_file is null || !string.Equals(_file.Path, path, StringComparison.Ordinal))
        {
            _file?.Dispose();
            _file = null;
            _file = File.Exists(path)
                ? new LeRobotDataFile(path)
                : throw new InvalidFileException(Folder, $"has no {relative}, where its own path template says that rows are");
        }

        return _file;
    }

    private LeRobotDataFile? OpenFirst() => _meta.Episodes.Count > 0 ? DataFile(_meta.Episodes[0].DataFile) : null;

    // Our own sets say themselves what they are; nothing is guessed, and options cannot change it.
    private LeRobotMapping OwnMapping(LeRobotOwnInfo own, ref ImportOptions options)
    {
        options = new ImportOptions
        {
            Channels = own.Channels,
            Map = [.. own.Channels.Zip(own.Columns, (channel, column) => new ImportMapping(column, channel.Name))],
            Drop = [.. Info.Features.Select(feature => feature.Name).Except(own.Columns, StringComparer.Ordinal)],
        };
        var mapping = LeRobotMapping.Of(Info, options, own.Columns.Contains(LeRobotOwnInfo.Tasks, StringComparer.Ordinal));
        mapping.Dropped.Clear();
        mapping.Bindings.Sort((one, other) => Place(one).CompareTo(Place(other)));
        return mapping;

        int Place(LeRobotBinding binding) => own.Columns.IndexOf(binding.Column);
    }

    private LeRobotColumn ColumnOf(LeRobotBinding binding)
    {
        var channel = Schema.IndexOf(binding.Channel.Name);
        return binding.Channel switch
        {
            _ when binding.Feature is null => new LeRobotTaskColumn(channel, _meta.Tasks),
            ImageChannel image => new LeRobotPictureColumn(binding.Column, image, channel, Folder),
            SoundChannel sound => new LeRobotSoundColumn(binding.Column, channel, sound.ElementCount),
            VectorChannel vector => new LeRobotVectorColumn(binding.Column, channel, vector.Size),
            CategoryChannel category => new LeRobotCategoryColumn(binding.Column, channel, category.Count),
            _ => new LeRobotTextColumn(binding.Column, channel),
        };
    }

    private void CheckCounts(List<string> warnings)
    {
        var rows = _meta.Episodes.Sum(episode => episode.Length);
        if (Info.Episodes is { } episodes && episodes != _meta.Episodes.Count)
        {
            warnings.Add($"{LeRobotInfo.FileName} says {episodes} episodes; there are {_meta.Episodes.Count}");
        }

        if (Info.Rows is { } said && said != rows)
        {
            warnings.Add($"{LeRobotInfo.FileName} says {said} rows; the episodes have {rows}");
        }

        foreach (var group in _meta.Episodes.GroupBy(episode => episode.DataFile, StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(Folder, group.Key)))
            {
                throw new InvalidFileException(Folder, $"has no {group.Key}, where its own path template says that {group.Count()} episodes are");
            }
        }
    }

    private static void CheckColumns(LeRobotMapping mapping, LeRobotDataFile? file, List<string> warnings)
    {
        foreach (var binding in mapping.Bindings.ToArray())
        {
            if (file is not null && binding.Feature is not { IsVideo: true } && !file.Has(binding.Column))
            {
                mapping.Drop(binding, "the data files have no such column");
                warnings.Add($"feature {ParquetPlace.Quote(binding.Column)} is in no column of {Path.GetFileName(file.Path)}");
            }
        }
    }

    private void CheckVideos(LeRobotMapping mapping, List<string> warnings)
    {
        foreach (var binding in mapping.Bindings.Where(binding => binding.Feature is { IsVideo: true }).ToArray())
        {
            var paths = _meta.Episodes.Select(episode => episode.Videos.TryGetValue(binding.Column, out var video) ? video.Path : null)
                .Distinct(StringComparer.Ordinal).ToArray();
            var missing = paths.Count(path => path is null || !File.Exists(Path.Combine(Folder, path)));
            if (missing == paths.Length)
            {
                mapping.Drop(binding, "its videos are missing");
                warnings.Add($"the videos of {binding.Column} are missing{(paths is [{ } path, ..] ? $" ({path})" : "")}: the rest is imported");
            }
            else if (missing > 0)
            {
                warnings.Add($"{missing} of {paths.Length} videos of {binding.Column} are missing: absent there");
            }
        }
    }

    private IEnumerable<string> FilesOf()
    {
        yield return Info.Path;
        foreach (var file in _meta.Episodes.Select(episode => episode.DataFile).Distinct(StringComparer.Ordinal))
        {
            yield return Path.Combine(Folder, file);
        }
    }
}
