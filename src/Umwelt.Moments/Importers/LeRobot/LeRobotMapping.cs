// Guesses which channel each feature of a LeRobot set becomes, and takes what the options say instead. What is left out is listed
// with its reason: nothing of a set goes unmentioned but the columns that only count rows.
using System.Collections.Immutable;
using System.Text;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers.LeRobot;

/// <summary>A feature and the channel it becomes; the feature is null for the tasks.</summary>
internal sealed record LeRobotBinding(LeRobotFeature? Feature, Channel Channel)
{
    public string Column => Feature?.Name ?? LeRobotOwnInfo.Tasks;
}

internal sealed class LeRobotMapping
{
    private static readonly string[] Counters = ["timestamp", "frame_index", "episode_index", "index", "task_index"];
    private readonly LeRobotInfo _info;
    private readonly ImportOptions _options;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private LeRobotMapping(LeRobotInfo info, ImportOptions options)
    {
        _info = info;
        _options = options;
    }

    public List<LeRobotBinding> Bindings { get; } = [];

    public List<string> Dropped { get; } = [];

    /// <summary>The column that says that time ran out, if there is one.</summary>
    public string? Truncated { get; private set; }

    public static LeRobotMapping Of(LeRobotInfo info, ImportOptions options, bool hasTasks)
    {
        var mapping = new LeRobotMapping(info, options);
        foreach (var wanted in options.Map)
        {
            if (wanted.Column != LeRobotOwnInfo.Tasks && info.Feature(wanted.Column) is null)
            {
                throw new InvalidFileException(
                    info.Path, $"has no feature {ParquetPlace.Quote(wanted.Column)}; it has {string.Join(", ", info.Features.Select(feature => feature.Name))}");
            }

            mapping._names.Add(wanted.Channel);
        }

        foreach (var feature in info.Features)
        {
            mapping.Take(feature);
        }

        if (hasTasks && !options.Drop.Contains(LeRobotOwnInfo.Tasks, StringComparer.Ordinal))
        {
            var wanted = mapping.Wanted(LeRobotOwnInfo.Tasks);
            mapping.Bindings.Add(new LeRobotBinding(null, new TextChannel(wanted?.Channel ?? mapping.Name("task"), wanted?.Role ?? ChannelRole.Sense)));
        }

        return mapping.Bindings.Count > 0 ? mapping : throw new InvalidFileException(info.Path, "no feature is left that could become a channel");
    }

    /// <summary>Leaves out what cannot be read after all.</summary>
    public void Drop(LeRobotBinding binding, string reason)
    {
        Bindings.Remove(binding);
        Dropped.Add($"{binding.Column}: {reason}");
        if (Bindings.Count == 0)
        {
            throw new InvalidFileException(_info.Path, $"nothing is left to import; {string.Join("; ", Dropped)}");
        }
    }

    private static string Plain(string name) => name switch
    {
        _ when name.StartsWith("observation.images.", StringComparison.Ordinal) => name["observation.images.".Length..],
        _ when name.StartsWith("observation.", StringComparison.Ordinal) => name["observation.".Length..],
        _ when name.StartsWith("next.", StringComparison.Ordinal) => name["next.".Length..],
        _ => name,
    };

    private static bool IsMotor(string name) =>
        name is "action" or "actions" || name.StartsWith("action.", StringComparison.Ordinal) || name.StartsWith("actions.", StringComparison.Ordinal);

    private ImportMapping? Wanted(string column) =>
        _options.Map.LastOrDefault(mapping => string.Equals(mapping.Column, column, StringComparison.Ordinal));

    private void Take(LeRobotFeature feature)
    {
        var name = feature.Name;
        var wanted = Wanted(name);
        if (_options.Drop.Contains(name, StringComparer.Ordinal))
        {
            Dropped.Add($"{name}: as asked");
        }
        else if (name == LeRobotOwnInfo.Tasks || (wanted is null && Counters.Contains(name, StringComparer.Ordinal)))
        {
            // They count rows. Times come from one of them, and the text of tasks from another.
        }
        else if (wanted is null && name is "next.truncated" or "truncated")
        {
            Truncated = name;
            Dropped.Add($"{name}: it says how episodes stop");
        }
        else if (wanted is null && name is "next.success" or "success" or "is_success")
        {
            Dropped.Add($"{name}: it judges a whole episode; map it to take it");
        }
        else if (ChannelOf(feature, wanted, out var reason) is { } channel)
        {
            Bindings.Add(new LeRobotBinding(feature, channel));
        }
        else
        {
            Dropped.Add($"{name}: {reason}");
        }
    }

    private Channel? ChannelOf(LeRobotFeature feature, ImportMapping? wanted, out string reason)
    {
        reason = "";
        var role = wanted?.Role ?? (IsMotor(feature.Name) ? ChannelRole.Motor
            : feature.Size == 1 && feature.IsNumber && feature.Name is "next.reward" or "reward" ? ChannelRole.Reward
            : feature.Size == 1 && feature.IsNumber && feature.Name is "next.done" or "done" ? ChannelRole.End
            : ChannelRole.Sense);
        var name = wanted?.Channel ?? Name(Plain(feature.Name));
        if (_options.Channels.FirstOrDefault(channel => channel.Name == name) is { } given)
        {
            return given;
        }

        var kind = wanted?.Kind ?? (feature.IsPicture ? ChannelKind.Image
            : feature.IsText ? ChannelKind.Text
            : role == ChannelRole.End || (feature.IsTruth && feature.Size == 1) ? ChannelKind.Category
            : ChannelKind.Vector);
        switch (kind)
        {
            case ChannelKind.Image when feature.IsPicture && feature.Picture is { Height: > 0 } picture:
                var height = _options.Height ?? picture.Height;
                var width = _options.Width ?? picture.Width;
                return new ImageChannel(name, height, width, feature.IsVideo || picture.Colours is not (1 or 4) ? 3 : picture.Colours, role);
            case ChannelKind.Text when feature.IsText:
                return new TextChannel(name, role);
            case ChannelKind.Category when feature.IsNumber && feature.Size == 1 && (feature.IsTruth || role == ChannelRole.End):
                return new CategoryChannel(name, 2, role);
            case ChannelKind.Vector when feature.IsNumber:
                var names = feature.Names.IsDefault ? default : feature.Names.Take((int)feature.Size).ToImmutableArray();
                return new VectorChannel(name, (int)feature.Size, role) { Names = names };
            default:
                reason = $"{feature.Type} of shape [{string.Join(", ", feature.Shape)}] cannot become {kind.ToString().ToLowerInvariant()}";
                return null;
        }
    }

    private string Name(string text)
    {
        var result = new StringBuilder();
        foreach (var letter in text)
        {
            var low = char.ToLowerInvariant(letter);
            result.Append(char.IsAsciiLetterLower(low) || char.IsAsciiDigit(low) || low is '_' or '-' or '.' ? low : '_');
        }

        if (result.Length == 0 || !char.IsAsciiLetterLower(result[0]))
        {
            result.Insert(0, 'x');
        }

        var name = result.ToString(0, Math.Min(result.Length, Channel.LongestName - 4));
        var unique = name;
        for (var i = 2; !_names.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }
}
