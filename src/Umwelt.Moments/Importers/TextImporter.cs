// Plain text, UTF-8: each file an episode that truly ends, a line a moment or a number of bytes, never cut within a character.
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class TextImporter : Importer
{
    private const int LongestLine = TextChannel.LongestText;
    private readonly IReadOnlyList<string> _files;
    private readonly int? _bytes;

    private TextImporter(string source, ImportOptions options, CancellationToken cancellation)
    {
        _bytes = options.TextBytes is { } asked ? Math.Max(4, asked) : null;
        _files = SourceFiles.Of(source, ".txt", ".md", ".text");
        long moments = 0;
        var scratch = new MomentBatch(new Schema(1, new TextChannel("text")), 1);
        foreach (var file in _files)
        {
            using var pieces = new Pieces(file, _bytes);
            var before = moments;
            while (pieces.Read(scratch))
            {
                moments++;
                cancellation.ThrowIfCancellationRequested();
            }

            if (moments == before)
            {
                throw new InvalidFileException(file, "it is empty");
            }
        }

        Plan = new ImportPlan
        {
            Format = "text",
            Source = source,
            Schema = SchemaOf(source, options.Rate ?? 1, new TextChannel(options.ChannelOf("text"))),
            Map = [new ImportMapping(_bytes is null ? "a line" : $"up to {_bytes} bytes", options.ChannelOf("text"), ChannelKind.Text, ChannelRole.Sense)],
            EpisodeCount = _files.Count,
            MomentCount = moments,
            Warnings = options.TextBytes < 4 ? ["a character may have 4 bytes, so a moment holds up to 4"] : [],
            Fingerprint = SourceFiles.Fingerprint(source, _files, "text", options.ToJson()),
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Open(string source, ImportOptions options, CancellationToken cancellation) => new TextImporter(source, options, cancellation);

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) => new Pieces(_files[episode], _bytes);

    /// <summary>A file piece by piece. The end of a text is an event of its world.</summary>
    private sealed class Pieces(string path, int? bytes) : EpisodeSource
    {
        private readonly FileStream _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        private byte[] _buffer = new byte[1 << 16];
        private int _start;
        private int _end;
        private long _offset;
        private bool _isOver;

        public override bool Read(MomentBatch row)
        {
            if (_offset == 0 && _start == 0)
            {
                Need(3);
                _start += Rest.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
            }

            var (length, taken) = bytes is { } count ? Part(count) : Line();
            if (taken == 0)
            {
                return false;
            }

            var text = Rest[..length];
            if (!System.Text.Unicode.Utf8.IsValid(text))
            {
                throw new InvalidFileException(path, "it is not UTF-8 there; write the file as UTF-8", _offset + _start);
            }

            row.SetText(0, 0, text);
            _start += taken;
            row.Endings[0] = Need(1) ? Ending.None : Ending.End;
            return true;
        }

        protected override void Dispose(bool disposing) => _stream.Dispose();

        private ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

        // The last character of a part is whole: one that would be cut goes to the next part.
        private (int Length, int Taken) Part(int count)
        {
            Need(count + 1);
            var length = Math.Min(count, Rest.Length);
            while (length < Rest.Length && length > count - 4 && length > 0 && (Rest[length] & 0xC0) == 0x80)
            {
                length--;
            }

            length = length == 0 ? Math.Min(count, Rest.Length) : length;
            return (length, length);
        }

        private (int Length, int Taken) Line()
        {
            var from = 0;
            while (true)
            {
                var at = Rest[from..].IndexOf((byte)'\n');
                if (at >= 0)
                {
                    var length = from + at;
                    return (length > 0 && Rest[length - 1] == '\r' ? length - 1 : length, length + 1);
                }

                from = Rest.Length;
                if (from > LongestLine)
                {
                    throw new InvalidFileException(path, $"a line is longer than {LongestLine >> 20} MB; --text-bytes cuts it", _offset + _start);
                }

                if (!Need(from + 1))
                {
                    return (Rest.Length, Rest.Length);
                }
            }
        }

        /// <summary>Whether so many bytes are at hand.</summary>
        private bool Need(int count)
        {
            while (Rest.Length < count && !_isOver)
            {
                if (_start > 0)
                {
                    Rest.CopyTo(_buffer);
                    _offset += _start;
                    (_start, _end) = (0, _end - _start);
                }

                if (_end == _buffer.Length)
                {
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                }

                var read = _stream.Read(_buffer.AsSpan(_end));
                _end += read;
                _isOver = read == 0;
            }

            return Rest.Length >= count;
        }
    }
}
