// The rows that one host serves: writes their commands into a message and reads their moments out of one. What a host sends
// is checked here to the last byte before anything of it stays: sizes, endings, categories, numbers that are none.
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Umwelt.Moments;

namespace Umwelt.Worlds.Bridges.Gymnasium;

internal sealed class HostRows : IDisposable
{
    private const int LongestResetBody = 16;

    private readonly HostSpaces _spaces;
    private readonly int _sight;
    private readonly int _reward;
    private readonly PictureResize? _resize;
    private readonly byte[] _reset = new byte[Wire.HeaderSize + LongestResetBody];
    private readonly ImmutableArray<HostLeaf> _acts;
    private readonly byte[] _act;
    private byte[] _step;

    public HostRows(HostProcess host, HostSpaces spaces, int first, int count)
    {
        Host = host;
        _spaces = spaces;
        First = first;
        Count = count;
        _sight = spaces.Frame.IsEmpty ? -1 : spaces.Schema.IndexOf("sight");
        _reward = spaces.Schema.IndexOf("reward");
        _step = new byte[Wire.HeaderSize + StepSize()];
        _act = new byte[Wire.HeaderSize + Wire.Padded(count)];
        _acts = [.. spaces.Motors.Select((leaf, i) => leaf with { Index = i })];
        if (_sight >= 0)
        {
            var sight = (ImageChannel)spaces.Schema.Channels[_sight];
            _resize = new PictureResize(spaces.Frame[0], spaces.Frame[1], sight.Height, sight.Width, sight.Colours);
        }
    }

    public HostProcess Host { get; }

    public int First { get; }

    public int Count { get; }

    public void SendReset(int row, ulong seed, TimeSpan limit)
    {
        Wire.WriteHeader(_reset, Wire.Reset);
        var body = _reset.AsSpan(Wire.HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(body, row - First);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], seed);
        Host.Send(_reset, limit);
    }

    /// <summary>Sends the commands that stand in the moments; nothing where none of these rows is marked.</summary>
    public bool SendStep(MomentBatch moments, ReadOnlySpan<bool> rows, TimeSpan limit)
    {
        var mine = rows.Slice(First, Count);
        if (!mine.Contains(true))
        {
            return false;
        }

        var length = _step.Length - Wire.HeaderSize;
        var body = _step.AsSpan(Wire.HeaderSize);
        for (var i = 0; i < Count; i++)
        {
            body[i] = mine[i] ? (byte)1 : (byte)0;
        }

        var texts = 0;
        var at = Wire.Padded(Count);
        foreach (var leaf in _spaces.Motors)
        {
            if (leaf.Channel.Kind == ChannelKind.Text)
            {
                for (var i = 0; i < Count; i++)
                {
                    var size = mine[i] ? moments.Text(leaf.Index, First + i).Length : 0;
                    BinaryPrimitives.WriteInt32LittleEndian(body[(at + (i * sizeof(int)))..], size);
                    texts += size;
                }
            }
            else
            {
                moments.Bytes(leaf.Index).Slice(First * leaf.Bytes, Count * leaf.Bytes).CopyTo(body[at..]);
            }

            at += Wire.Padded(leaf.Bytes * Count);
        }

        if (texts > 0)
        {
            SendWithTexts(moments, mine, length, texts, limit);
            return true;
        }

        Wire.WriteHeader(_step, Wire.Step);
        Host.Send(_step, limit);
        return true;
    }

    /// <summary>Reads the answer to a reset into the row.</summary>
    public void ReceiveReset(MomentBatch moments, int row)
    {
        Span<bool> one = [true];
        Read(Host.Receive(Wire.Moments), moments, one, row, isFirst: true, []);
    }

    /// <summary>Reads the answer to a step into the rows that are marked.</summary>
    public void ReceiveStep(MomentBatch moments, ReadOnlySpan<bool> rows, Span<double> rewards) =>
        Read(Host.Receive(Wire.Moments), moments, rows.Slice(First, Count), First, isFirst: false, rewards.Slice(First, Count));

    /// <summary>Asks the occupant that the host has what it does; nothing where none of these rows is marked.</summary>
    public bool SendAct(ReadOnlySpan<bool> rows, TimeSpan limit)
    {
        var mine = rows.Slice(First, Count);
        for (var i = 0; i < Count; i++)
        {
            _act[Wire.HeaderSize + i] = mine[i] ? (byte)1 : (byte)0;
        }

        if (mine.Contains(true))
        {
            Wire.WriteHeader(_act, Wire.Act);
            Host.Send(_act, limit);
            return true;
        }

        return false;
    }

    /// <summary>Reads what the host's occupant does into the rows that are marked.</summary>
    public void ReceiveAct(MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        var body = Host.Receive(Wire.Moments);
        var mine = rows.Slice(First, Count);
        var fixedSize = Wire.Padded(Count) + (sizeof(double) * Count) + _acts.Sum(leaf => Wire.Padded(leaf.Bytes * Count));
        Fits(body, fixedSize);
        var at = Wire.Padded(Count) + (sizeof(double) * Count);
        var hasTexts = ReadLeaves(body, _acts, commands, mine, First, ref at);
        Ends(body, fixedSize + (hasTexts ? ReadTexts(body, fixedSize, _acts, commands, mine, First) : 0));
    }

    public void Dispose() => Host.Dispose();

    private int StepSize() => Wire.Padded(Count) + _spaces.Motors.Sum(leaf => Wire.Padded(leaf.Bytes * Count));

    private int MomentsSize(int count)
    {
        var size = Wire.Padded(count) + (sizeof(double) * count) + (_resize is null ? 0 : Wire.Padded(_resize.SourceBytes * count));
        foreach (var leaf in _spaces.Senses)
        {
            size += Wire.Padded(leaf.Bytes * count);
        }

        return size;
    }

    private void SendWithTexts(MomentBatch moments, ReadOnlySpan<bool> mine, int length, int texts, TimeSpan limit)
    {
        var message = new byte[Wire.HeaderSize + length + texts];
        _step.CopyTo(message, 0);
        var at = _step.Length;
        for (var i = 0; i < Count; i++)
        {
            foreach (var leaf in _spaces.Motors)
            {
                if (mine[i] && leaf.Channel.Kind == ChannelKind.Text)
                {
                    var text = moments.Text(leaf.Index, First + i);
                    text.CopyTo(message.AsSpan(at));
                    at += text.Length;
                }
            }
        }

        Wire.WriteHeader(message, Wire.Step);
        Host.Send(message, limit);
    }

    private void Read(ReadOnlySpan<byte> body, MomentBatch moments, ReadOnlySpan<bool> rows, int first, bool isFirst, Span<double> rewards)
    {
        var count = rows.Length;
        var fixedSize = MomentsSize(count);
        Fits(body, fixedSize);
        ReadEndings(body, moments, rows, first);
        var at = Wire.Padded(count);
        for (var i = 0; i < count; i++)
        {
            if (rows[i] && !isFirst)
            {
                rewards[i] = BinaryPrimitives.ReadDoubleLittleEndian(body[(at + (i * sizeof(double)))..]);
                moments.Vector(_reward, first + i)[0] = Finite((float)rewards[i], "reward", first + i);
                moments.SetPresent(_reward, first + i);
            }
        }

        at += sizeof(double) * count;
        var hasTexts = ReadLeaves(body, _spaces.Senses, moments, rows, first, ref at);
        for (var i = 0; i < count && _resize is not null; i++)
        {
            if (rows[i])
            {
                _resize.Run(body.Slice(at + (i * _resize.SourceBytes), _resize.SourceBytes), moments.Image(_sight, first + i));
                moments.SetPresent(_sight, first + i);
            }
        }

        Ends(body, fixedSize + (hasTexts ? ReadTexts(body, fixedSize, _spaces.Senses, moments, rows, first) : 0));
    }

    // All but texts, which stand at the end; says whether there are any.
    private bool ReadLeaves(ReadOnlySpan<byte> body, ImmutableArray<HostLeaf> leaves, MomentBatch moments, ReadOnlySpan<bool> rows, int first, ref int at)
    {
        var hasTexts = false;
        foreach (var leaf in leaves)
        {
            hasTexts |= leaf.Channel.Kind == ChannelKind.Text;
            for (var i = 0; i < rows.Length; i++)
            {
                if (rows[i] && leaf.Channel.Kind != ChannelKind.Text)
                {
                    body.Slice(at + (i * leaf.Bytes), leaf.Bytes).CopyTo(moments.Bytes(leaf.Index, first + i));
                    Check(leaf, moments, first + i);
                    moments.SetPresent(leaf.Index, first + i);
                }
            }

            at += Wire.Padded(leaf.Bytes * rows.Length);
        }

        return hasTexts;
    }

    private void Fits(ReadOnlySpan<byte> body, int least)
    {
        if (body.Length < least)
        {
            throw Host.Broken($"moments of {body.Length} bytes came where {least} are needed");
        }
    }

    private void Ends(ReadOnlySpan<byte> body, int size)
    {
        if (body.Length != size)
        {
            throw Host.Broken($"moments of {body.Length} bytes came where {size} are needed");
        }
    }

    private void ReadEndings(ReadOnlySpan<byte> body, MomentBatch moments, ReadOnlySpan<bool> rows, int first)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (!rows[i])
            {
                continue;
            }

            if (body[i] > (byte)Ending.Truncation)
            {
                throw Host.Broken($"the ending of row {first + i} is {body[i]}");
            }

            moments.Endings[first + i] = (Ending)body[i];
        }
    }

    private int ReadTexts(ReadOnlySpan<byte> body, int fixedSize, ImmutableArray<HostLeaf> leaves, MomentBatch moments, ReadOnlySpan<bool> rows, int first)
    {
        var taken = 0L;
        for (var i = 0; i < rows.Length; i++)
        {
            if (!rows[i])
            {
                continue;
            }

            var at = Wire.Padded(rows.Length) + (sizeof(double) * rows.Length);
            foreach (var leaf in leaves)
            {
                if (leaf.Channel.Kind == ChannelKind.Text)
                {
                    var length = BinaryPrimitives.ReadUInt32LittleEndian(body[(at + (i * sizeof(int)))..]);
                    if (length > TextChannel.LongestText || fixedSize + taken + length > body.Length)
                    {
                        throw Host.Broken($"a text of {length} bytes for channel '{leaf.Channel.Name}' of row {first + i} is more than came or can be");
                    }

                    moments.SetText(leaf.Index, first + i, body.Slice((int)(fixedSize + taken), (int)length));
                    taken += length;
                }

                at += Wire.Padded(leaf.Bytes * rows.Length);
            }
        }

        return (int)taken;
    }

    private void Check(HostLeaf leaf, MomentBatch moments, int row)
    {
        if (leaf.Channel.Kind == ChannelKind.Category)
        {
            if ((uint)moments.Category(leaf.Index, row) >= (uint)leaf.Count)
            {
                throw Host.Broken($"channel '{leaf.Channel.Name}' of row {row} is {moments.Category(leaf.Index, row)} of {leaf.Count}");
            }
        }
        else if (leaf.Channel.Kind == ChannelKind.Vector)
        {
            var values = moments.Vector(leaf.Index, row);
            if (!AreFinite(values))
            {
                foreach (var value in values)
                {
                    Finite(value, leaf.Channel.Name, row);
                }
            }
        }
    }

    private float Finite(float value, string channel, int row) => float.IsFinite(value)
        ? value
        : throw Host.Refused($"the environment gave {value} for channel '{channel}' of row {row}; a moment holds finite 32-bit numbers");

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        const uint Exponent = 0x7f800000;
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & new Vector<uint>(Exponent), new Vector<uint>(Exponent)))
            {
                return false;
            }
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & Exponent) == Exponent)
            {
                return false;
            }
        }

        return true;
    }
}
