// Makes channels of what a mapping says, for a world's schema, and says what can't be: each error names the file, the channel and what
// is wrong. What a key means for a kind of channel stands here alone.
using System.Collections.Immutable;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Worlds.Mapping;

internal sealed class MappingPlan
{
    private const int MostTicks = 1000;
    private const int LargestPicture = 2048;
    private const int MostSamples = 1 << 20;
    private readonly string _path;
    private readonly Schema _world;
    private readonly int _every;

    public MappingPlan(MappingDocument document, Schema world, string path)
    {
        (_path, _world, _every) = (path, world, document.Every);
        if (_every is < 1 or > MostTicks)
        {
            throw new InvalidFileException(path, $"every is from 1 to {MostTicks}, not {_every}");
        }

        if (document.Channels is not { Count: > 0 and <= Schema.MostChannels })
        {
            throw new InvalidFileException(path, $"channels names 1 to {Schema.MostChannels} channels");
        }

        Channels = [.. document.Channels.Select(mapping => Make(mapping ?? throw new InvalidFileException(path, "a channel is null")))];
        CheckMotors();
        try
        {
            Schema = new Schema(world.Rate / _every, Channels.Select(channel => channel.Channel));
        }
        catch (SchemaException error)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }
    }

    public ImmutableArray<MappedChannel> Channels { get; }

    public Schema Schema { get; }

    private MappedChannel Make(ChannelMapping mapping)
    {
        var sources = Sources(mapping);
        var first = _world.Channels[sources[0]];
        if (sources.Length > 1 && sources.Any(source => _world.Channels[source] is not VectorChannel || _world.Channels[source].Role != first.Role))
        {
            throw Wrong(mapping, "only vectors of one role are stacked");
        }

        return first switch
        {
            ImageChannel picture when Keys(mapping, "crop", "size", "grey") => Picture(mapping, picture, sources[0]),
            SoundChannel sound when Keys(mapping, "samples", "mono") => Sound(mapping, sound, sources[0]),
            VectorChannel when Keys(mapping, "numbers", "scale", "offset", "count", "labels", "commands") => Numbers(mapping, sources, first.Role),
            CategoryChannel category when Keys(mapping, "labels") => new MappedCopy(
                mapping.Labels is { } labels ? category with { Name = mapping.Name, Labels = [.. labels] } : category with { Name = mapping.Name }, sources[0], MotorOf(sources[0])),
            _ when Keys(mapping) => new MappedCopy(((TextChannel)first) with { Name = mapping.Name }, sources[0], MotorOf(sources[0])),
            _ => throw new InvalidOperationException($"Channel '{first.Name}' is of no kind that a mapping knows."),
        };
    }

    private int[] Sources(ChannelMapping mapping)
    {
        if (!Channel.IsName(mapping.Name))
        {
            throw new InvalidFileException(_path, $"'{mapping.Name}' is no name of a channel: lower-case letters, digits, '_', '-' or '.', beginning with a letter");
        }

        var from = mapping.From ?? [mapping.Name];
        return from.Count == 0
            ? throw Wrong(mapping, "from names no channel of the world")
            : [.. from.Select(name => _world.Find(name ?? "") ?? throw Wrong(mapping, $"the world has no channel '{name}'; it has {string.Join(", ", _world.Channels.Select(channel => channel.Name))}"))];
    }

    private MappedPicture Picture(ChannelMapping mapping, ImageChannel whole, int source)
    {
        SenseOnly(mapping, whole);
        var crop = mapping.Crop ?? [0, 0, whole.Width, whole.Height];
        if (crop is not [var left, var top, var width, var height]
            || left < 0 || top < 0 || width < 1 || height < 1 || width > whole.Width - left || height > whole.Height - top)
        {
            throw Wrong(mapping, $"crop is left, top, width and height within {whole.Width} x {whole.Height}, not [{string.Join(", ", crop)}]");
        }

        var size = mapping.Size ?? [width, height];
        if (size is not [>= 1 and <= LargestPicture, >= 1 and <= LargestPicture])
        {
            throw Wrong(mapping, $"size is width and height, each from 1 to {LargestPicture}, not [{string.Join(", ", size)}]");
        }

        var channel = whole with { Name = mapping.Name, Height = size[1], Width = size[0], Colours = mapping.Grey ? 1 : whole.Colours };
        return new MappedPicture(channel, whole, source, (left, top, width, height));
    }

    private MappedSound Sound(ChannelMapping mapping, SoundChannel whole, int source)
    {
        SenseOnly(mapping, whole);
        var samples = mapping.Samples ?? (int)Math.Min(int.MaxValue, (long)whole.Samples * _every);
        if (samples < _every || samples > MostSamples || samples % _every != 0)
        {
            throw Wrong(mapping, $"samples is a multiple of every ({_every}) up to {MostSamples}, not {samples}");
        }

        return new MappedSound(whole with { Name = mapping.Name, Samples = samples, Ears = mapping.Mono ? 1 : whole.Ears }, whole, source, _every);
    }

    private MappedChannel Numbers(ChannelMapping mapping, int[] sources, ChannelRole role)
    {
        var all = (from source in sources
                   let vector = (VectorChannel)_world.Channels[source]
                   from number in Enumerable.Range(0, vector.Size)
                   select (Source: source, Vector: vector, Number: number)).ToArray();
        var kept = mapping.Numbers is { } picked
            ? [.. picked.Select(i => (uint)i < (uint)all.Length ? all[i] : throw Wrong(mapping, $"numbers are from 0 to {all.Length - 1}, not {i}"))]
            : all;
        if (kept.Length == 0)
        {
            throw Wrong(mapping, "numbers picks none");
        }

        var scale = Each(mapping, mapping.Scale, "scale", kept.Length, 1);
        var offset = Each(mapping, mapping.Offset, "offset", kept.Length, 0);
        if (scale.Contains(0))
        {
            throw Wrong(mapping, "scale is not 0");
        }

        var numbers = kept.Select((one, i) => new MappedNumber(one.Source, MotorOf(one.Source), one.Number, scale[i], offset[i])).ToArray();
        if (mapping.Commands is not null || mapping.Count is not null || mapping.Labels is not null)
        {
            return Category(mapping, numbers, role);
        }

        var names = kept.Select(one => one.Vector.Names.IsDefault ? null : one.Vector.Names[one.Number]).ToArray();
        var channel = new VectorChannel(mapping.Name, kept.Length, role)
        {
            Names = names.Any(static name => name is null) ? default : [.. names.Select(static name => name!)],
        };
        if (kept.All(static one => !one.Vector.Minimum.IsDefault && !one.Vector.Maximum.IsDefault))
        {
            var borders = kept.Select((one, i) => (One: (one.Vector.Minimum[one.Number] * scale[i]) + offset[i], Other: (one.Vector.Maximum[one.Number] * scale[i]) + offset[i])).ToArray();
            channel = channel with { Minimum = [.. borders.Select(static border => Math.Min(border.One, border.Other))], Maximum = [.. borders.Select(static border => Math.Max(border.One, border.Other))] };
        }

        return new MappedNumbers(channel, numbers);
    }

    private MappedChannel Category(ChannelMapping mapping, MappedNumber[] numbers, ChannelRole role)
    {
        ImmutableArray<string> labels = mapping.Labels is null ? default : [.. mapping.Labels];
        if (role == ChannelRole.Motor)
        {
            if (mapping.Commands is not { Count: >= 2 } commands || mapping.Count is not null || mapping.Scale is not null || mapping.Offset is not null
                || commands.Any(command => command is null || command.Count != numbers.Length || command.Any(static number => !float.IsFinite(number))))
            {
                throw Wrong(mapping, $"a motor becomes a category by commands, two or more of {numbers.Length} finite numbers each, without count, scale and offset");
            }

            return new MappedCommands(new CategoryChannel(mapping.Name, commands.Count, role) { Labels = labels }, numbers, [.. commands.Select(static command => command.ToArray())]);
        }

        return role == ChannelRole.Sense && numbers.Length == 1 && mapping is { Commands: null, Count: not null }
            ? new MappedChoice(new CategoryChannel(mapping.Name, mapping.Count.Value) { Labels = labels }, numbers[0], _path)
            : throw Wrong(mapping, "a sense becomes a category by count, and has one number");
    }

    // Two channels that set one number would make what happens depend on their order.
    private void CheckMotors()
    {
        var seen = new HashSet<(int Motor, int Number)>();
        foreach (var channel in Channels)
        {
            foreach (var (motor, number) in channel.Sets)
            {
                if (!seen.Add((motor, number)))
                {
                    throw new InvalidFileException(_path, $"channel '{channel.Channel.Name}': number {number} of the world's '{_world.Motor.Channels[motor].Name}' is commanded twice");
                }
            }
        }
    }

    private int MotorOf(int source) => _world.Motors.IndexOf(source);

    private void SenseOnly(ChannelMapping mapping, Channel source)
    {
        if (source.Role != ChannelRole.Sense)
        {
            throw Wrong(mapping, $"the world's '{source.Name}' is a motor; pictures and sounds are mapped as senses only");
        }
    }

    private float[] Each(ChannelMapping mapping, IReadOnlyList<float>? values, string key, int count, float usual) =>
        values is null ? [.. Enumerable.Repeat(usual, count)]
        : values.Any(static value => !float.IsFinite(value)) ? throw Wrong(mapping, $"{key} has a number that is none")
        : values.Count == 1 ? [.. Enumerable.Repeat(values[0], count)]
        : values.Count == count ? [.. values]
        : throw Wrong(mapping, $"{key} has {values.Count} numbers for {count}; one for all or one each");

    // A key that the kind of channel does not know is refused rather than ignored. True, so that it can guard a case.
    private bool Keys(ChannelMapping mapping, params ReadOnlySpan<string> known)
    {
        (string Key, bool IsSaid)[] said =
        [
            ("crop", mapping.Crop is not null), ("size", mapping.Size is not null), ("grey", mapping.Grey), ("samples", mapping.Samples is not null), ("mono", mapping.Mono),
            ("numbers", mapping.Numbers is not null), ("scale", mapping.Scale is not null), ("offset", mapping.Offset is not null),
            ("count", mapping.Count is not null), ("labels", mapping.Labels is not null), ("commands", mapping.Commands is not null),
        ];
        foreach (var (key, isSaid) in said)
        {
            if (isSaid && !known.Contains(key))
            {
                throw Wrong(mapping, $"{key} says nothing of such a channel{(known.IsEmpty ? "" : $"; there are {string.Join(", ", known.ToArray())}")}");
            }
        }

        return true;
    }

    private InvalidFileException Wrong(ChannelMapping mapping, string problem) => new(_path, $"channel '{mapping.Name}': {problem}");
}
