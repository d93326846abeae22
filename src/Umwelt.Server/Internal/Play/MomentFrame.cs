// A moment as it goes over the wire: version 1 of the binary frame of docs/protocol.md, little endian.
using System.Buffers;
using System.Buffers.Binary;
using Umwelt.Moments;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Play;

internal static class MomentFrame
{
    public const int HeaderBytes = 24;
    public const int ChannelHeaderBytes = 8;
    private const byte Version = 1;
    private const byte Kind = 1;
    private const byte HasBeside = 1;

    /// <summary>Writes the present moment of a session.</summary>
    public static void Write(Session session, in MomentTimes times, ArrayBufferWriter<byte> output)
    {
        var (batch, row) = (session.Host.Moments, session.Row);
        var channels = batch.Schema.Channels;
        var header = output.GetSpan(HeaderBytes);
        header[0] = Version;
        header[1] = Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)channels.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], session.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], session.Sequence);
        BinaryPrimitives.WriteSingleLittleEndian(header[12..], times.Step);
        BinaryPrimitives.WriteSingleLittleEndian(header[16..], times.Waited);
        header[20] = (byte)batch.Endings[row];
        header[21] = session.Number == 0 ? (byte)1 : (byte)0;
        var dream = session.Host.Stage.Dream;
        var hasBeside = dream?.Row(row).IsReal == true;
        header[22] = hasBeside ? HasBeside : (byte)0;
        header[23] = 0;
        output.Advance(HeaderBytes);
        WriteChannels(batch, row, output);

        // The truth's length is known once it is written; nothing moves the bytes in between, since they are read again from the whole.
        var at = output.WrittenCount;
        output.GetSpan(sizeof(uint))[..sizeof(uint)].Clear();
        output.Advance(sizeof(uint));
        session.Host.Stage.WriteTruth(row, output);
        var whole = System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory).Span;
        BinaryPrimitives.WriteUInt32LittleEndian(whole[at..], (uint)(whole.Length - at - sizeof(uint)));
        if (hasBeside)
        {
            WriteChannels(dream!.Beside, row, output);
            foreach (var surprise in dream.Surprise(row))
            {
                BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(sizeof(float)), (float)surprise);
                output.Advance(sizeof(float));
            }
        }
    }

    private static void WriteChannels(MomentBatch batch, int row, ArrayBufferWriter<byte> output)
    {
        var channels = batch.Schema.Channels;
        for (var i = 0; i < channels.Length; i++)
        {
            var isPresent = batch.IsPresent(i, row);
            var value = !isPresent ? [] : channels[i].Kind == ChannelKind.Text ? batch.Text(i, row) : batch.Bytes(i, row);
            var part = output.GetSpan(ChannelHeaderBytes + value.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(part, (ushort)i);
            part[2] = isPresent ? (byte)1 : (byte)0;
            part[3] = 0;
            BinaryPrimitives.WriteUInt32LittleEndian(part[4..], (uint)value.Length);
            value.CopyTo(part[ChannelHeaderBytes..]);
            output.Advance(ChannelHeaderBytes + value.Length);
        }
    }
}
