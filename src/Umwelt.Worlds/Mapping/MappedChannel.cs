// A channel of a mapped world: what it is, how it is read from the world's moments, and, where it is a motor, what it makes the
// world do. A moment may hold several of the world's (ticks): each kind of channel says what becomes of those.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

internal abstract class MappedChannel(Channel channel)
{
    public Channel Channel { get; } = channel;

    /// <summary>The motor numbers of the world that it sets, as (channel among the motors, number); so that none is set twice.</summary>
    public virtual IEnumerable<(int Motor, int Number)> Sets => [];

    /// <summary>Takes in a moment of the world.</summary>
    /// <param name="world">The world's moments.</param>
    /// <param name="moments">The mapping's; its row is empty before the first tick.</param>
    /// <param name="index">This channel's place there.</param>
    /// <param name="row">Which row of both.</param>
    /// <param name="tick">Which of the world's moments in one of the mapping's.</param>
    public abstract void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick);

    /// <summary>Writes what the world is to do.</summary>
    /// <param name="moments">The mapping's, with commands.</param>
    /// <param name="index">This channel's place there.</param>
    /// <param name="commands">The world's; its rows stand still before.</param>
    /// <param name="row">Which row of both.</param>
    public virtual void Command(MomentBatch moments, int index, MomentBatch commands, int row)
    {
    }

    /// <summary>The other way round: what comes nearest to a command of the world's.</summary>
    /// <param name="world">The world's commands.</param>
    /// <param name="commands">The mapping's.</param>
    /// <param name="place">This channel's place among its motors.</param>
    /// <param name="row">Which row of both.</param>
    public virtual void Meant(MomentBatch world, MomentBatch commands, int place, int row)
    {
    }
}
