// Numbers of one or several of the world's vectors, picked, multiplied and shifted; as a motor the same way back. Of several ticks the
// last counts, but rewards are added up. As a category one number says which, or each category says what numbers it stands for.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

/// <summary>A number of the world's and what becomes of it: number · scale + offset.</summary>
internal readonly record struct MappedNumber(int Source, int Motor, int Number, float Scale, float Offset)
{
    // What nothing is done to keeps its bits, the sign of a zero too.
    private bool IsSame => Scale == 1 && Offset == 0;

    public float From(float value) => IsSame ? value : (value * Scale) + Offset;

    public float Back(float value) => IsSame ? value : (value - Offset) / Scale;
}

internal sealed class MappedNumbers(VectorChannel channel, MappedNumber[] numbers) : MappedChannel(channel)
{
    public override IEnumerable<(int Motor, int Number)> Sets => Channel.Role == ChannelRole.Motor ? numbers.Select(static one => (one.Motor, one.Number)) : [];

    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
        foreach (var one in numbers)
        {
            if (!world.IsPresent(one.Source, row))
            {
                return;
            }
        }

        var values = moments.Vector(index, row);
        for (var i = 0; i < numbers.Length; i++)
        {
            var one = numbers[i];
            var value = one.From(world.Vector(one.Source, row)[one.Number]);
            values[i] = Channel.Role == ChannelRole.Reward && moments.IsPresent(index, row) ? values[i] + value : value;
        }

        moments.SetPresent(index, row);
    }

    public override void Command(MomentBatch moments, int index, MomentBatch commands, int row)
    {
        var values = moments.Vector(index, row);
        for (var i = 0; i < numbers.Length; i++)
        {
            var one = numbers[i];
            commands.Vector(one.Motor, row)[one.Number] = one.Back(values[i]);
        }
    }

    public override void Meant(MomentBatch world, MomentBatch commands, int place, int row)
    {
        var values = commands.Vector(place, row);
        for (var i = 0; i < numbers.Length; i++)
        {
            values[i] = numbers[i].From(world.Vector(numbers[i].Motor, row)[numbers[i].Number]);
        }

        commands.SetPresent(place, row);
    }
}

/// <summary>A sense of one number that is one of so many.</summary>
internal sealed class MappedChoice(CategoryChannel channel, MappedNumber number, string path) : MappedChannel(channel)
{
    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
        if (!world.IsPresent(number.Source, row))
        {
            return;
        }

        var count = ((CategoryChannel)Channel).Count;
        var value = MathF.Round(number.From(world.Vector(number.Source, row)[number.Number]));
        if (!(value >= 0 && value < count))
        {
            throw new WorldException(path, $"channel '{Channel.Name}' is one of {count}, from 0, and the world gave {value}; its scale, offset or count is another.");
        }

        moments.Category(index, row) = (int)value;
        moments.SetPresent(index, row);
    }
}

/// <summary>A motor that is one of so many, each of which stands for some numbers.</summary>
internal sealed class MappedCommands(CategoryChannel channel, MappedNumber[] numbers, float[][] commands) : MappedChannel(channel)
{
    public override IEnumerable<(int Motor, int Number)> Sets => numbers.Select(static one => (one.Motor, one.Number));

    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
    }

    public override void Command(MomentBatch moments, int index, MomentBatch world, int row)
    {
        var chosen = commands[moments.Category(index, row)];
        for (var i = 0; i < numbers.Length; i++)
        {
            world.Vector(numbers[i].Motor, row)[numbers[i].Number] = chosen[i];
        }
    }

    public override void Meant(MomentBatch world, MomentBatch moments, int place, int row)
    {
        var (nearest, least) = (0, float.PositiveInfinity);
        for (var choice = 0; choice < commands.Length; choice++)
        {
            var distance = 0f;
            for (var i = 0; i < numbers.Length; i++)
            {
                var apart = world.Vector(numbers[i].Motor, row)[numbers[i].Number] - commands[choice][i];
                distance += apart * apart;
            }

            (nearest, least) = distance < least ? (choice, distance) : (nearest, least);
        }

        moments.Category(place, row) = nearest;
        moments.SetPresent(place, row);
    }
}
