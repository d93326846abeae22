// What a world accepts as a command, checked once for all worlds: present, finite, a category there is.
// Numbers beyond a declared range are brought into it, since a stick pushed further than it goes is at its end.
namespace Umwelt.Moments.Internal;

internal static class CommandCheck
{
    /// <summary>Throws if a row of commands can't be acted on.</summary>
    public static void Throw(MomentBatch commands, int row)
    {
        for (var i = 0; i < commands.Schema.Channels.Length; i++)
        {
            var channel = commands.Schema.Channels[i];
            if (!commands.IsPresent(i, row))
            {
                throw new ArgumentException($"channel '{channel.Name}' of row {row} is absent; a command holds every motor channel.", nameof(commands));
            }

            if (channel is CategoryChannel category && (uint)commands.Category(i, row) >= (uint)category.Count)
            {
                throw new ArgumentException($"channel '{channel.Name}' of row {row} is {commands.Category(i, row)}; it is one of {category.Count}, from 0.", nameof(commands));
            }

            if (channel.Kind == ChannelKind.Vector)
            {
                foreach (var value in commands.Vector(i, row))
                {
                    if (!float.IsFinite(value))
                    {
                        throw new ArgumentException($"channel '{channel.Name}' of row {row} holds {value}.", nameof(commands));
                    }
                }
            }
        }
    }

    /// <summary>Brings the numbers of a vector channel into its range; other channels stay as they are.</summary>
    public static void Clamp(MomentBatch moments, int channel, int row)
    {
        if (moments.Schema.Channels[channel] is not VectorChannel vector)
        {
            return;
        }

        var values = moments.Vector(channel, row);
        for (var j = 0; j < values.Length; j++)
        {
            if (!vector.Minimum.IsDefault)
            {
                values[j] = Math.Max(values[j], vector.Minimum[j]);
            }

            if (!vector.Maximum.IsDefault)
            {
                values[j] = Math.Min(values[j], vector.Maximum[j]);
            }
        }
    }
}
