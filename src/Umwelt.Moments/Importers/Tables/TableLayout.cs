// Which channels the columns of a table become: as the options say, else as names and contents suggest. Every number of a
// vector must be there for the vector to be: where a cell is empty or NaN, the channel is absent in that moment.
using System.Collections.Immutable;
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Tables;

/// <summary>A channel and the columns it is made of.</summary>
internal sealed record TableChannel(Channel Channel, int[] Columns, Dictionary<string, int>? Labels);

internal sealed class TableLayout
{
    private const int MostGuessedLabels = 64;
    private readonly TableSurvey _survey;
    private readonly ImportOptions _options;
    private readonly ChannelRole? _usualRole;
    private readonly List<TableChannel> _channels = [];
    private readonly List<string> _dropped = [];
    private readonly List<string> _warnings = [];
    private readonly List<(string Name, ChannelKind Kind, ChannelRole Role, List<int> Columns)> _drafts = [];

    private TableLayout(TableSurvey survey, ImportOptions options, ChannelRole? usualRole)
    {
        _survey = survey;
        _options = options;
        _usualRole = usualRole;
    }

    public IReadOnlyList<TableChannel> Channels => _channels;

    public IReadOnlyList<string> Dropped => _dropped;

    public IReadOnlyList<string> Warnings => _warnings;

    public ImmutableArray<ImportMapping> Map =>
        [.. _channels.SelectMany(channel => channel.Columns.Select(column => new ImportMapping(_survey.Names[column], channel.Channel.Name, channel.Channel.Kind, channel.Channel.Role)))];

    private string Source => _survey.Files[0].Path;

    /// <summary>Decides; columns whose name says nothing get the usual role (motor, for the table beside a video).</summary>
    public static TableLayout Of(TableSurvey survey, ImportOptions options, ChannelRole? usualRole = null)
    {
        var layout = new TableLayout(survey, options, usualRole);
        layout.CheckNames();
        layout.Draft();
        foreach (var (name, kind, role, columns) in layout._drafts)
        {
            layout._channels.Add(layout.Make(name, kind, role, [.. columns]));
        }

        if (layout._channels.Count == 0)
        {
            throw new InvalidFileException(layout.Source, "no column is left to import");
        }

        layout.SayWhatIsMissing();
        return layout;
    }

    /// <summary>How commands stand to senses, and why that is thought; null without commands.</summary>
    public (CommandOrder? Order, string? Reason) Commands()
    {
        var columns = _channels.Where(channel => channel.Channel.Role == ChannelRole.Motor).SelectMany(channel => channel.Columns).Select(i => _survey.Columns[i]).ToList();
        if (columns.Count == 0)
        {
            return (null, null);
        }

        var episodes = _survey.Episodes.Count;
        return _options.Commands is { } told ? (told, "as was said")
            : columns.TrueForAll(column => column.MissingFirst == episodes) ? (CommandOrder.Before, "the first row of each episode has none")
            : columns.TrueForAll(column => column.MissingLast == episodes) ? (CommandOrder.After, "the last row of each episode has none")
            : (CommandOrder.After, "the usual order of logs: what was seen, then what was done");
    }

    private void CheckNames()
    {
        var wanted = _options.Map.Select(mapping => mapping.Column).Concat(_options.Drop);
        foreach (var name in wanted)
        {
            if (!_survey.Names.Any(column => ColumnNames.Covers(name, column)))
            {
                throw new InvalidFileException(Source, $"it has no column {CellText.Shown(name)}; it has {string.Join(", ", _survey.Names.Take(20).Select(CellText.Shown))}{(_survey.Names.Count > 20 ? ", …" : "")}");
            }
        }
    }

    private void Draft()
    {
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in _survey.Columns)
        {
            if (column.IsNumeric && ColumnNames.Split(column.Name) is { } split)
            {
                groups[split.Base] = groups.GetValueOrDefault(split.Base) + 1;
            }
        }

        var alone = new List<int>();
        var motors = new List<int>();
        for (var i = 0; i < _survey.Columns.Count; i++)
        {
            var column = _survey.Columns[i];
            var mapping = _options.Map.LastOrDefault(known => known.Column == column.Name) ?? _options.Map.LastOrDefault(known => ColumnNames.Covers(known.Column, column.Name));
            if (Reason(i, column, mapping) is { } reason)
            {
                _dropped.Add($"{column.Name} ({reason})");
                continue;
            }

            var role = mapping?.Role ?? RoleOf(column);
            var kind = mapping?.Kind ?? (role == ChannelRole.End ? ChannelKind.Category : role == ChannelRole.Reward ? ChannelKind.Vector : KindOf(column));
            if (mapping?.Role is null && role == ChannelRole.Sense && kind != ChannelKind.Text)
            {
                role = _usualRole ?? role;
            }

            if (mapping is not null)
            {
                Add(mapping.Channel, kind, role, i, mapping);
            }
            else if (kind != ChannelKind.Vector || role == ChannelRole.Reward)
            {
                Add(Free(ColumnNames.ChannelName(column.Name)), kind, role, i, null);
            }
            else if (ColumnNames.Split(column.Name) is { } split && groups.GetValueOrDefault(split.Base) > 1)
            {
                Add(ColumnNames.ChannelName(split.Base), kind, role, i, null);
            }
            else if (role == ChannelRole.Motor)
            {
                motors.Add(i);
            }
            else if (column.Missing == 0)
            {
                alone.Add(i);
            }
            else
            {
                Add(Free(ColumnNames.ChannelName(column.Name)), kind, role, i, null);
            }
        }

        Join(motors, "motor", ChannelRole.Motor);
        Join(alone, "values", ChannelRole.Sense);
    }

    // Numbers that belong to no group are one vector together; a single one keeps its name.
    private void Join(List<int> columns, string name, ChannelRole role)
    {
        name = Free(columns is [var only] ? ColumnNames.ChannelName(_survey.Names[only]) : name);
        foreach (var i in columns)
        {
            Add(name, ChannelKind.Vector, role, i, null);
        }
    }

    private string? Reason(int index, TableColumn column, ImportMapping? mapping)
    {
        if (_options.Drop.Any(drop => ColumnNames.Covers(drop, column.Name)))
        {
            return "as was said";
        }

        return index == _survey.Clock?.Column ? "the time"
            : index == _survey.EpisodeColumn ? "the episode"
            : index == _survey.TruncationColumn || index == _survey.EndingColumn ? "how episodes stop"
            : column.Present == 0 && _survey.Names.Any(name => name.Length > column.Name.Length && ColumnNames.Covers(column.Name, name)) ? "what lies within it is taken"
            : mapping is not null ? null
            : column.Present == 0 ? "it is empty"
            : ColumnNames.IsCounter(column.Name) && column.IsNumeric && column.IsWhole ? "a counter"
            : null;
    }

    private ChannelRole RoleOf(TableColumn column)
    {
        var role = ColumnNames.Role(column.Name);
        var fits = role switch
        {
            ChannelRole.Reward => column.IsNumeric,
            ChannelRole.End => column.IsTruth || (column is { IsNumeric: true, IsWhole: true, Least: >= 0, Most: <= 1 }),
            _ => true,
        };
        return fits ? role : ChannelRole.Sense;
    }

    private ChannelKind KindOf(TableColumn column)
    {
        if (column.IsNumeric)
        {
            return ChannelKind.Vector;
        }

        if (column.DecimalCommas > 0 && column.DecimalCommas + column.Numbers == column.Present)
        {
            throw new InvalidFileException(Source, $"{Where(column)}: column {CellText.Shown(column.Name)} writes numbers with a decimal comma ({column.FirstWord!.Value.Text}); write a point");
        }

        if (column.Numbers > 0 && column.Numbers * 2 >= column.Present)
        {
            _warnings.Add($"column {CellText.Shown(column.Name)} holds {column.Numbers} numbers, but {Where(column)} {column.FirstWord!.Value.Text}; it is taken as text");
        }

        return column.IsTruth || (column.Texts is { Count: > 1 and <= MostGuessedLabels } texts && !column.HasEmptyText && column.Numbers == 0 && column.Present >= 2 * texts.Count)
            ? ChannelKind.Category
            : ChannelKind.Text;
    }

    private static string Where(TableColumn column) => $"on line {column.FirstWord?.Line}";

    private string Free(string name)
    {
        var free = name;
        for (var i = 2; _drafts.Exists(draft => draft.Name == free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return free;
    }

    private void Add(string name, ChannelKind kind, ChannelRole role, int column, ImportMapping? mapping)
    {
        var at = _drafts.FindIndex(draft => draft.Name == name);
        if (at < 0)
        {
            _drafts.Add((name, kind, role, [column]));
            return;
        }

        var draft = _drafts[at];
        if (draft.Kind != ChannelKind.Vector || kind != ChannelKind.Vector || (draft.Role != role && mapping?.Role is not null))
        {
            throw new InvalidFileException(
                Source, $"columns {CellText.Shown(_survey.Names[draft.Columns[0]])} and {CellText.Shown(_survey.Names[column])} both go to '{name}'; only the numbers of one vector of one role can");
        }

        draft.Columns.Add(column);
    }

    private TableChannel Make(string name, ChannelKind kind, ChannelRole role, int[] columns)
    {
        var known = _options.Channels.FirstOrDefault(channel => channel.Name == name);
        if (known is not null && (known.Kind != kind || known.Role != role || (kind == ChannelKind.Vector && known.ElementCount != columns.Length)))
        {
            throw new InvalidFileException(Source, $"channel '{name}' is to be {known.Kind} ({known.Role}) of {known.ElementCount}, but its columns make {kind} ({role}) of {columns.Length}");
        }

        var first = _survey.Columns[columns[0]];
        switch (kind)
        {
            case ChannelKind.Vector:
                foreach (var i in columns)
                {
                    if (_survey.Columns[i] is { IsNumeric: false, FirstWord: { } word } column && !(column.IsTruth || column.Numbers + column.Truths == column.Present))
                    {
                        throw new InvalidFileException(Source, $"line {word.Line}: {CellText.Shown(column.Name)} holds {word.Text}, which is no number");
                    }
                }

                return new TableChannel(known ?? new VectorChannel(name, columns.Length, role) { Names = Labels(columns) }, columns, null);
            case ChannelKind.Text:
                return new TableChannel(known ?? new TextChannel(name, role), columns, null);
            case ChannelKind.Category when role == ChannelRole.End:
                return new TableChannel(known ?? new CategoryChannel(name, 2, role), columns, null);
            case ChannelKind.Category:
                return Category(name, role, columns, first, (CategoryChannel?)known);
            default:
                throw new InvalidFileException(Source, $"column {CellText.Shown(first.Name)} can't become a channel of {kind}; a table gives vectors, categories and text");
        }
    }

    // The names of a vector's numbers, unless they only count.
    private ImmutableArray<string> Labels(int[] columns)
    {
        var labels = columns.Select(i => ColumnNames.Split(_survey.Names[i])?.Label ?? _survey.Names[i]).ToArray();
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Length)
        {
            labels = [.. columns.Select(i => _survey.Names[i])];
        }

        var isCount = labels.Select((label, i) => label == i.ToString(CultureInfo.InvariantCulture)).All(same => same);
        return isCount || columns.Length == 1 ? default : [.. labels];
    }

    private TableChannel Category(string name, ChannelRole role, int[] columns, TableColumn column, CategoryChannel? known)
    {
        if (known is not null)
        {
            return new TableChannel(known, columns, known.Labels.IsDefault ? null : Numbered(known.Labels));
        }

        if (column is { IsNumeric: true, IsWhole: true, Least: >= 0, Most: < 1_000_000 })
        {
            return new TableChannel(new CategoryChannel(name, Math.Max(2, (int)column.Most + 1), role), columns, null);
        }

        if (column.IsNumeric)
        {
            throw new InvalidFileException(
                Source, string.Create(CultureInfo.InvariantCulture, $"column {CellText.Shown(column.Name)} holds numbers from {column.Least} to {column.Most}, but a category is a whole number from 0 on, below 1,000,000"));
        }

        if (column.Texts is null || column.Present == 0)
        {
            throw new InvalidFileException(Source, $"column {CellText.Shown(column.Name)} holds more than {TableColumn.MostTexts} different or too long texts, too many for a category; map it to text");
        }

        if (column.Numbers > 0)
        {
            throw new InvalidFileException(Source, $"column {CellText.Shown(column.Name)} holds both numbers and words ({Where(column)} {column.FirstWord?.Text}), which make no category");
        }

        ImmutableArray<string> labels = [.. column.Texts.Order(StringComparer.Ordinal)];
        labels = labels.Length == 1 ? [labels[0], "(other)"] : labels;
        return new TableChannel(new CategoryChannel(name, labels.Length, role) { Labels = labels }, columns, Numbered(labels));
    }

    private static Dictionary<string, int> Numbered(ImmutableArray<string> labels)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < labels.Length; i++)
        {
            numbers.TryAdd(labels[i], i);
        }

        return numbers;
    }

    private void SayWhatIsMissing()
    {
        foreach (var channel in _channels)
        {
            foreach (var column in channel.Columns.Select(i => _survey.Columns[i]).Where(column => column.Missing > 0))
            {
                var ofThem = column.NotFinite > 0 ? $", {column.NotFinite} of them NaN or infinite" : "";
                _warnings.Add($"column {CellText.Shown(column.Name)} lacks {column.Missing} of {_survey.Rows} values{ofThem}, first on line {column.FirstMissing}; '{channel.Channel.Name}' is absent there");
            }
        }
    }
}
