// The values of every channel for a number of moments, side by side: [row, shape of the channel] for each channel, which is
// how worlds write them, recordings store them and models read them. A channel of a row is present or absent; what is
// absent has zeros for a value, so that equal moments have equal bytes. Nothing is allocated after construction, except
// where text outgrows its room.
using System.Runtime.InteropServices;
using System.Text;

namespace Umwelt.Moments;

/// <summary>Moments of one schema, a row each. One is a batch of one.</summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class MomentBatch
{
    private readonly byte[][] _data;
    private readonly int[] _lengths;
    private readonly byte[][] _presence;
    private readonly TextRows?[] _texts;
    private readonly Ending[] _endings;

    /// <summary>Room for this many moments, all channels absent.</summary>
    public MomentBatch(Schema schema, int count)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Schema = schema;
        Count = count;
        var channels = schema.Channels.Length;
        _data = new byte[channels][];
        _lengths = [.. schema.Channels.Select(channel => channel.ByteCount)];
        _presence = new byte[channels][];
        _texts = new TextRows?[channels];
        _endings = new Ending[count];
        for (var i = 0; i < channels; i++)
        {
            var channel = schema.Channels[i];
            _presence[i] = new byte[count];
            _data[i] = GC.AllocateArray<byte>(checked(_lengths[i] * count), pinned: true);
            _texts[i] = channel.Kind == ChannelKind.Text ? new TextRows(count) : null;
        }
    }

    /// <summary>What every row holds.</summary>
    public Schema Schema { get; }

    /// <summary>How many moments.</summary>
    public int Count { get; }

    /// <summary>How the episode of each row stops with it, or that it goes on.</summary>
    public Span<Ending> Endings => _endings;

    /// <summary>One row.</summary>
    public Moment this[int row]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
            return new Moment(this, row);
        }
    }

    /// <summary>The bytes of a channel, all rows. Empty for text.</summary>
    public Span<byte> Bytes(int channel) => _data[channel];

    /// <summary>The bytes of a channel in one row. Empty for text.</summary>
    public Span<byte> Bytes(int channel, int row)
    {
        var length = _lengths[channel];
        return _data[channel].AsSpan(checked(row * length), length);
    }

    /// <summary>The floats of a vector channel in one row.</summary>
    public Span<float> Vector(int channel, int row) => Values<float>(channel, row, ChannelKind.Vector);

    /// <summary>The samples of a sound channel in one row, ears together.</summary>
    public Span<short> Sound(int channel, int row) => Values<short>(channel, row, ChannelKind.Sound);

    /// <summary>The bytes of an image channel in one row.</summary>
    public Span<byte> Image(int channel, int row) => Values<byte>(channel, row, ChannelKind.Image);

    /// <summary>The number of a category channel in one row.</summary>
    public ref int Category(int channel, int row) => ref Values<int>(channel, row, ChannelKind.Category)[0];

    /// <summary>The text of a channel in one row, as UTF-8; valid until it is set again.</summary>
    public ReadOnlySpan<byte> Text(int channel, int row) => Texts(channel)[row];

    /// <summary>Sets the text of a channel in one row and marks it present.</summary>
    public void SetText(int channel, int row, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > TextChannel.LongestText)
        {
            throw new ArgumentException($"{utf8.Length} bytes of text in one moment are more than {TextChannel.LongestText}.", nameof(utf8));
        }

        Texts(channel).Set(row, utf8);
        _presence[channel][row] = 1;
    }

    /// <summary>Sets the text of a channel in one row and marks it present.</summary>
    public void SetText(int channel, int row, string text) => SetText(channel, row, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds to the text of a channel in one row and marks it present.</summary>
    public void AppendText(int channel, int row, ReadOnlySpan<byte> utf8)
    {
        var texts = Texts(channel);
        if (texts[row].Length + utf8.Length > TextChannel.LongestText)
        {
            throw new ArgumentException($"The text of one moment would have more than {TextChannel.LongestText} bytes.", nameof(utf8));
        }

        texts.Append(row, utf8);
        _presence[channel][row] = 1;
    }

    /// <summary>Whether each row has this channel: 1 where it does, 0 where not.</summary>
    public ReadOnlySpan<byte> Presence(int channel) => _presence[channel];

    /// <summary>Whether a row has this channel.</summary>
    public bool IsPresent(int channel, int row) => _presence[channel][row] != 0;

    /// <summary>Says that a row has this channel; its value is whatever is written.</summary>
    public void SetPresent(int channel, int row) => _presence[channel][row] = 1;

    /// <summary>Says that a row lacks this channel, and clears its value.</summary>
    public void SetAbsent(int channel, int row)
    {
        _presence[channel][row] = 0;
        if (_texts[channel] is { } texts)
        {
            texts.Set(row, []);
        }
        else
        {
            Bytes(channel, row).Clear();
        }
    }

    /// <summary>Makes every channel of a row absent, and the row one that goes on.</summary>
    public void Clear(int row)
    {
        for (var i = 0; i < _data.Length; i++)
        {
            SetAbsent(i, row);
        }

        _endings[row] = Ending.None;
    }

    /// <summary>Makes every channel of every row absent.</summary>
    public void Clear()
    {
        for (var row = 0; row < Count; row++)
        {
            Clear(row);
        }
    }

    /// <summary>Copies a row of another batch with an equal schema.</summary>
    public void Copy(MomentBatch source, int sourceRow, int row)
    {
        for (var i = 0; i < _data.Length; i++)
        {
            Copy(source, i, sourceRow, i, row);
        }

        _endings[row] = source._endings[sourceRow];
    }

    /// <summary>Copies one channel of a row of another batch, whose channel there has the same kind and shape.</summary>
    public void Copy(MomentBatch source, int sourceChannel, int sourceRow, int channel, int row)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_texts[channel] is { } texts)
        {
            texts.Set(row, source.Text(sourceChannel, sourceRow));
        }
        else
        {
            source.Bytes(sourceChannel, sourceRow).CopyTo(Bytes(channel, row));
        }

        _presence[channel][row] = source._presence[sourceChannel][sourceRow];
    }

    /// <summary>The presence of a channel in every row, for readers that fill many rows at once: 0 or 1 each.</summary>
    internal Span<byte> WritablePresence(int channel) => _presence[channel];

    private Span<T> Values<T>(int channel, int row, ChannelKind kind)
        where T : unmanaged =>
        Schema.Channels[channel].Kind == kind
            ? MemoryMarshal.Cast<byte, T>(Bytes(channel, row))
            : throw new SchemaException(Schema.Channels[channel].Name, $"it holds {Schema.Channels[channel].Kind}, not {kind}");

    private TextRows Texts(int channel) =>
        _texts[channel] ?? throw new SchemaException(Schema.Channels[channel].Name, $"it holds {Schema.Channels[channel].Kind}, not {ChannelKind.Text}");

    /// <summary>A text for each row, in arrays that grow and are used again.</summary>
    private sealed class TextRows(int count)
    {
        private readonly byte[][] _rows = [.. Enumerable.Repeat(Array.Empty<byte>(), count)];
        private readonly int[] _lengths = new int[count];

        public ReadOnlySpan<byte> this[int row] => _rows[row].AsSpan(0, _lengths[row]);

        public void Set(int row, ReadOnlySpan<byte> utf8)
        {
            _lengths[row] = 0;
            Append(row, utf8);
        }

        public void Append(int row, ReadOnlySpan<byte> utf8)
        {
            var length = _lengths[row] + utf8.Length;
            if (length > _rows[row].Length)
            {
                var larger = new byte[Math.Max(64, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length))];
                this[row].CopyTo(larger);
                _rows[row] = larger;
            }

            utf8.CopyTo(_rows[row].AsSpan(_lengths[row]));
            _lengths[row] = length;
        }
    }
}
