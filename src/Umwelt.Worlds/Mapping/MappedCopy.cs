// A channel that goes through as it is, under its own or another name: text, categories, whatever nothing is to be done to. Of several
// ticks the last counts; text is said one after another. The end of an episode is written by the base class of worlds.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

internal sealed class MappedCopy(Channel channel, int source, int motor) : MappedChannel(channel)
{
    public override IEnumerable<(int Motor, int Number)> Sets => Channel.Role == ChannelRole.Motor ? [(motor, 0)] : [];

    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
        if (!world.IsPresent(source, row) || Channel.Role == ChannelRole.End)
        {
            return;
        }

        if (Channel is TextChannel && moments.IsPresent(index, row))
        {
            var room = TextChannel.LongestText - moments.Text(index, row).Length;
            var said = world.Text(source, row);
            moments.AppendText(index, row, said[..Whole(said, room)]);
        }
        else
        {
            moments.Copy(world, source, row, index, row);
        }
    }

    public override void Command(MomentBatch moments, int index, MomentBatch commands, int row) => commands.Copy(moments, index, row, motor, row);

    public override void Meant(MomentBatch world, MomentBatch commands, int place, int row) => commands.Copy(world, motor, row, place, row);

    // As much as there is room for, without a broken character.
    private static int Whole(ReadOnlySpan<byte> text, int room)
    {
        if (text.Length <= room)
        {
            return text.Length;
        }

        while (room > 0 && (text[room] & 0xC0) == 0x80)
        {
            room--;
        }

        return room;
    }
}
