// What was done since an episode began: its seed, one row of motor channels for each moment after the first, and what was said
// beside them. With a world that is deterministic this is the whole state of a session, in a few bytes a moment.
using System.Buffers;
using System.Buffers.Binary;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class CommandLog
{
    // A house fills them in three hours and a half.
    private const int MostBytes = 4 << 20;

    private const int MostAsides = 10_000;

    private readonly ArrayBufferWriter<byte> _bytes;
    private readonly List<Aside> _asides = [];
    private readonly Schema _motor;

    public CommandLog(Schema motor)
        : this(motor, new ArrayBufferWriter<byte>())
    {
    }

    private CommandLog(Schema motor, ArrayBufferWriter<byte> bytes) => (_motor, _bytes) = (motor, bytes);

    public long Seed { get; private set; }

    /// <summary>What the episode began with, in worlds where that can be chosen.</summary>
    public string? From { get; private set; }

    /// <summary>What was said beside commands, in order: how many moments' commands came before, and the message as a line.</summary>
    public IReadOnlyList<Aside> Asides => _asides;

    /// <summary>How many moments' commands it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Whether nothing is missing; a log that is full is of no use.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>How many episodes it has begun: another number means that earlier positions mean nothing any more.</summary>
    public int Episode { get; private set; }

    /// <summary>Where the next commands will stand.</summary>
    public int Position => _bytes.WrittenCount;

    /// <summary>Forgets everything and begins with a seed.</summary>
    public void Begin(long seed, string? from = null)
    {
        _bytes.ResetWrittenCount();
        _asides.Clear();
        (Seed, From, Count, IsWhole) = (seed, from, 0, true);
        Episode++;
    }

    /// <summary>Notes what was said beside commands, which counts from the next moment on.</summary>
    public void Add(string aside)
    {
        if (IsWhole && _asides.Count < MostAsides)
        {
            _asides.Add(new Aside(Count, aside));
        }
        else
        {
            IsWhole = false;
        }
    }

    /// <summary>Adds what a row is commanded to do.</summary>
    public void Add(MomentBatch commands, int row)
    {
        if (!IsWhole)
        {
            return;
        }

        for (var i = 0; i < _motor.Channels.Length; i++)
        {
            var value = _motor.Channels[i].Kind == ChannelKind.Text ? commands.Text(i, row) : commands.Bytes(i, row);
            if (_motor.Channels[i].Kind == ChannelKind.Text)
            {
                BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(sizeof(int)), value.Length);
                _bytes.Advance(sizeof(int));
            }

            _bytes.Write(value);
        }

        Count++;
        if (_bytes.WrittenCount > MostBytes)
        {
            IsWhole = false;
            _bytes.Clear();
        }
    }

    /// <summary>Writes the commands that stand at a position into a row; returns the position of those after them.</summary>
    public int Read(int position, MomentBatch commands, int row)
    {
        var bytes = _bytes.WrittenSpan;
        for (var i = 0; i < _motor.Channels.Length; i++)
        {
            if (_motor.Channels[i].Kind == ChannelKind.Text)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[position..]);
                position += sizeof(int);
                commands.SetText(i, row, bytes.Slice(position, length));
                position += length;
            }
            else
            {
                var value = commands.Bytes(i, row);
                bytes.Slice(position, value.Length).CopyTo(value);
                commands.SetPresent(i, row);
                position += value.Length;
            }
        }

        return position;
    }

    /// <summary>A copy of what it holds now, for others to read: all of it, or what came after a position with so many before it.</summary>
    /// <param name="position">Bytes before it.</param>
    /// <param name="before">Moments before it.</param>
    /// <param name="asides">What was said before it.</param>
    public CommandLog Copy(int position = 0, int before = 0, int asides = 0)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, _bytes.WrittenCount - position));
        bytes.Write(_bytes.WrittenSpan[position..]);
        var copy = new CommandLog(_motor, bytes) { Seed = Seed, From = From, Count = Count - before, IsWhole = IsWhole, Episode = Episode };
        copy._asides.AddRange(_asides.Skip(asides).Select(aside => aside with { Count = aside.Count - before }));
        return copy;
    }

    /// <summary>Becomes equal to another one, as when a session goes back to a moment it has kept.</summary>
    public void Become(CommandLog other)
    {
        Begin(other.Seed, other.From);
        _bytes.Write(other._bytes.WrittenSpan);
        _asides.AddRange(other._asides);
        (Count, IsWhole) = (other.Count, other.IsWhole);
    }
}

/// <summary>Something said beside commands: how many moments' commands came before it, and the message.</summary>
internal readonly record struct Aside(int Count, string Message);
