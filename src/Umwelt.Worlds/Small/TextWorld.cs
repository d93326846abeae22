// A text file as moments: one character, or as many whole characters as fit into so many bytes, a moment. There is nothing to
// do in it but read; the end of the text is the end of the episode. A code point is never split.
using System.Text;
using System.Text.Unicode;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Small;

internal sealed class TextWorld : World
{
    public const long LargestFile = 1L << 30;
    private const double UsualRate = 20;
    private const long StreamName = 0x74657874;

    private readonly byte[] _text;
    private readonly int _bytes;
    private readonly bool _isRandom;
    private readonly int[] _next;

    /// <summary>Over UTF-8 that is sound and not empty.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="count">Rows.</param>
    /// <param name="bytes">The most bytes a moment, of which a longer code point is the one exception; 0 for one code point a moment.</param>
    /// <param name="isRandom">Whether the seed says where an episode begins; otherwise at the beginning.</param>
    /// <param name="rate">Moments in a second.</param>
    public TextWorld(byte[] text, int count, int bytes = 0, bool isRandom = false, double rate = UsualRate)
        : base(new Schema(rate, new TextChannel("text")), count)
    {
        _text = text;
        _bytes = bytes;
        _isRandom = isRandom;
        _next = new int[count];
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        var path = name.FileName();
        var bytes = name.Integer("bytes", 0, 1, 1 << 16);
        var isRandom = name.IsRandomStart();
        var rate = name.Number("rate", 10_000) ?? UsualRate;
        name.Finish();
        return new TextWorld(Read(path), options.Count, bytes, isRandom, rate);
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var start = 0;
        if (_isRandom)
        {
            start = RandomStream.Of(seed, StreamName).NextInt32(_text.Length);
            while (!IsFirst(_text[start]))
            {
                start--;
            }
        }

        _next[row] = start;
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                Show(row, moments);
            }
        }
    }

    private static byte[] Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > LargestFile)
        {
            throw new InvalidFileException(path, $"its {file.Length} bytes are more than {LargestFile}");
        }

        var text = new byte[file.Length];
        file.ReadExactly(text);
        if (text.AsSpan().StartsWith(Encoding.UTF8.Preamble))
        {
            text = text[Encoding.UTF8.Preamble.Length..];
        }

        if (text.Length == 0)
        {
            throw new InvalidFileException(path, "it holds no text");
        }

        if (!Utf8.IsValid(text))
        {
            throw new InvalidFileException(path, "it is not UTF-8", FirstFault(text));
        }

        return text;
    }

    private static long FirstFault(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    private static bool IsFirst(byte value) => (value & 0xC0) != 0x80;

    private void Show(int row, MomentBatch moments)
    {
        var from = _next[row];
        var to = from + 1;
        while (to < _text.Length && !IsFirst(_text[to]))
        {
            to++;
        }

        if (_bytes > to - from)
        {
            to = Math.Min(from + _bytes, _text.Length);
            while (to < _text.Length && !IsFirst(_text[to]))
            {
                to--;
            }
        }

        _next[row] = to;
        moments.SetText(0, row, _text.AsSpan(from, to - from));
        moments.Endings[row] = to == _text.Length ? Ending.End : Ending.None;
    }
}
