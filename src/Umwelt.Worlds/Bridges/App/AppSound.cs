// What a program is heard to play: ffmpeg listens to the monitor of an output without end, a thread keeps the newest samples. A moment
// takes those of its tick, the newest there are; where fewer have come than a tick has, silence stands before them.
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Moments.Video;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppSound : IDisposable
{
    private readonly FfmpegProcess _process;
    private readonly Thread _reader;
    private readonly Lock _lock = new();
    private readonly short[] _ring;
    private readonly int _perMoment;
    private long _heard;
    private long _taken;
    private volatile Exception? _failure;
    private volatile bool _isOver;

    /// <summary>Begins to listen.</summary>
    public AppSound(AppSoundDocument document, double rate)
    {
        _perMoment = document.Samples * document.Ears;
        _ring = new short[4 * _perMoment];
        _process = new FfmpegProcess(
            "ffmpeg",
            document.Source,
            [
                "-nostdin", "-v", "error", "-fflags", "nobuffer", "-f", document.Device, "-i", document.Source,
                "-ac", document.Ears.ToString(CultureInfo.InvariantCulture), "-ar", ((long)Math.Round(document.Samples * rate)).ToString(CultureInfo.InvariantCulture),
                "-f", "s16le", "-flush_packets", "1", "-",
            ],
            CancellationToken.None);
        _reader = new Thread(Read) { IsBackground = true, Name = "sound of a program" };
        _reader.Start();
    }

    /// <summary>Forgets what was heard so far: a tick begins.</summary>
    public void Skip()
    {
        lock (_lock)
        {
            _taken = _heard;
        }
    }

    /// <summary>What was heard since the last call, the newest samples that a moment has room for.</summary>
    /// <exception cref="WorldException">Nothing is heard any more.</exception>
    public void Take(string world, Span<short> samples)
    {
        if (_isOver)
        {
            throw new WorldException(world, $"its sound can't be heard: {_failure?.Message ?? "ffmpeg has ended"}", innerException: _failure);
        }

        lock (_lock)
        {
            // Clocks of sound and time differ a little: what is more than a moment's is kept for the next, up to another moment's.
            _taken = Math.Max(_taken, _heard - (2 * _perMoment));
            var count = (int)Math.Min(_heard - _taken, samples.Length);
            samples[..^count].Clear();
            for (var i = 0; i < count; i++)
            {
                samples[samples.Length - count + i] = _ring[(_taken + i) % _ring.Length];
            }

            _taken += count;
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _reader.Join();
    }

    private void Read()
    {
        try
        {
            var piece = new byte[Math.Max(64, _perMoment / 4) * sizeof(short)];
            while (_process.Read(piece) == piece.Length)
            {
                lock (_lock)
                {
                    foreach (var sample in MemoryMarshal.Cast<byte, short>(piece))
                    {
                        _ring[_heard++ % _ring.Length] = sample;
                    }
                }
            }

            _process.Finish();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or ObjectDisposedException or OperationCanceledException)
        {
            _failure = error;
        }

        _isOver = true;
    }
}
