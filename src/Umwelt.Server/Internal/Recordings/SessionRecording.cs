// What one plays, on its way to the disk: moments are copied into a bounded queue and written by a task of their own, so that a
// slow disk never holds up a world. Where the disk can't follow, or is full, the recording stops and says why; what is on the
// disk by then is whole. Beside the moments stands what was done, from the beginning of each episode, so that it can be replayed.
using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Umwelt.Moments;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Recordings;

internal sealed class SessionRecording
{
    private const int MostWaiting = 64;

    private readonly RecordingWriter _writer;
    private readonly Channel<Entry> _queue = System.Threading.Channels.Channel.CreateBounded<Entry>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ConcurrentBag<MomentBatch> _free = [];
    private readonly long _mostBytes;
    private readonly List<string> _said = [];
    private Beginning? _begin;
    private long _bytes;
    private volatile string? _problem;

    public SessionRecording(string id, RecordingWriter writer, long mostBytes)
    {
        (Id, _writer, _mostBytes) = (id, writer, mostBytes);
        Finished = Task.Run(WriteAsync);
    }

    public string Id { get; }

    /// <summary>Why it stopped, where it did by itself.</summary>
    public string? Problem => _problem;

    /// <summary>Done once everything is on the disk and the recording is closed.</summary>
    public Task Finished { get; }

    /// <summary>The moments that follow belong to this episode, from this number on; what was done before stands in the log.</summary>
    public void Begin(long seed, uint number, CommandLog log)
    {
        _begin = new Beginning(seed, number, log.Copy());
        _said.Clear();
        _said.AddRange(log.Asides.Where(aside => log.Count > 0 && aside.Count == log.Count).Select(aside => aside.Message));
    }

    /// <summary>Something was said beside commands, before the moment that follows.</summary>
    public void Say(string message) => _said.Add(message);

    /// <summary>Takes a copy of a moment; false once nothing more is taken.</summary>
    public bool Write(MomentBatch moments, int row)
    {
        if (_problem is not null)
        {
            return false;
        }

        _bytes += moments.Schema.ByteCount;
        if (_bytes > _mostBytes)
        {
            _problem = $"a recording has {_mostBytes >> 20} MB at most";
            return false;
        }

        var copy = _free.TryTake(out var free) ? free : new MomentBatch(moments.Schema, 1);
        copy.Copy(moments, row, 0);
        if (_queue.Writer.TryWrite(new Entry(copy, _begin, _begin is null && _said.Count > 0 ? [.. _said] : [])))
        {
            if (_begin is null)
            {
                _said.Clear();
            }

            _begin = null;
            return true;
        }

        _problem = "the disk is slower than the play";
        return false;
    }

    /// <summary>Nothing more comes; what waits is still written.</summary>
    public void Finish() => _queue.Writer.TryComplete();

    private async Task WriteAsync()
    {
        try
        {
            var path = Path.Combine(_writer.Folder, CommandLines.FileName);
            var isSaid = CommandLines.CanSay(_writer.Schema.Motor);
            using (var commands = isSaid ? File.Create(path) : Stream.Null)
            {
                isSaid = await WriteAsync(commands, isSaid).ConfigureAwait(false);
            }

            if (!isSaid)
            {
                File.Delete(path); // Something is missing in it, so nothing could be replayed.
            }

            _writer.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _problem = "the disk did not take it; what was written before is kept";
            Failure = error;
            _queue.Writer.TryComplete();
            Abandon();
        }
    }

    // Says whether all commands could be said.
    private async Task<bool> WriteAsync(Stream commands, bool isSaid)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lines = new ArrayBufferWriter<byte>();
        CommandLines.WriteHead(lines, _writer.Provenance.Origin!);
        var number = 0L;
        await foreach (var (moment, begin, said) in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (begin is not null)
            {
                number = begin.Number;
                _writer.BeginEpisode(begin.Seed, offset: number);
                isSaid &= begin.Log.IsWhole;
                if (isSaid)
                {
                    Write(lines, begin);
                }
            }

            foreach (var message in isSaid ? said : [])
            {
                CommandLines.WriteAside(lines, message);
            }

            _writer.Write(moment, 0);
            if (number++ > 0 && isSaid)
            {
                CommandLines.WriteCommand(lines, _writer.Schema, _writer.Schema.Motors.AsSpan(), moment, 0, CommandLines.Sum(moment, 0, hash));
            }

            commands.Write(lines.WrittenSpan);
            lines.ResetWrittenCount();
            _free.Add(moment);
        }

        return isSaid;
    }

    // The command that led to the first moment stands with that moment, where its sum is.
    private void Write(ArrayBufferWriter<byte> lines, Beginning begin)
    {
        CommandLines.WriteEpisode(lines, begin.Seed, begin.Log.From);
        CommandLines.WriteLog(lines, begin.Log, _writer.Schema.Motor, Math.Max(0, begin.Log.Count - 1));
    }

    /// <summary>What the disk said, for the log; clients are not told of paths.</summary>
    public Exception? Failure { get; private set; }

    private void Abandon()
    {
        try
        {
            _writer.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Failure = error;
        }
    }

    private sealed record Beginning(long Seed, uint Number, CommandLog Log);

    private readonly record struct Entry(MomentBatch Moment, Beginning? Begin, string[] Said);
}
