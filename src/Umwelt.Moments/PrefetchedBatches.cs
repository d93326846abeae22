// Reads batches ahead on a thread of its own, so that training never waits for a disk. It owns a fixed number of batches that
// go round; the position it reports is that of the batch in use, however far ahead it has read.
using System.Runtime.ExceptionServices;

namespace Umwelt.Moments;

/// <summary>A source of batches that is read ahead.</summary>
/// <remarks>One thread at a time asks for batches. While it lives nobody else uses its source.</remarks>
public sealed class PrefetchedBatches : IDisposable
{
    private const int CancellationPoll = 50;

    private readonly BatchSource _source;
    private readonly SequenceBatch[] _batches;
    private readonly long[][] _states;
    private readonly object _signal = new();
    private readonly Thread _thread;
    private readonly long[] _state;
    private long _filled;
    private long _taken;
    private ExceptionDispatchInfo? _error;
    private bool _stop;

    /// <summary>Begins to read ahead.</summary>
    /// <param name="source">Where batches come from.</param>
    /// <param name="ahead">How many batches may be ready; one more is in use.</param>
    public PrefetchedBatches(BatchSource source, int ahead = 3)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        _source = source;
        _batches = [.. Enumerable.Range(0, ahead + 1).Select(_ => source.CreateBatch())];
        _states = [.. _batches.Select(_ => new long[source.StateLength])];
        _state = new long[source.StateLength];
        source.Capture(_state);
        _thread = new Thread(ReadAhead) { IsBackground = true, Name = "batches" };
        _thread.Start();
    }

    /// <summary>Where the source stands after the batch that was given out last: what a checkpoint keeps.</summary>
    public BatchState State => _source.StateOf(_state);

    /// <summary>The next batch, which is the caller's to read until the next call.</summary>
    /// <exception cref="Umwelt.Storage.InvalidFileException">Reading failed; batches before the failure were given out.</exception>
    public SequenceBatch Next(CancellationToken cancellation = default)
    {
        lock (_signal)
        {
            ObjectDisposedException.ThrowIf(_stop, this);
            while (_filled == _taken)
            {
                cancellation.ThrowIfCancellationRequested();
                _error?.Throw();
                Monitor.Wait(_signal, CancellationPoll);
            }

            var slot = _taken++ % _batches.Length;
            _states[slot].CopyTo(_state, 0);
            Monitor.PulseAll(_signal);
            return _batches[slot];
        }
    }

    /// <summary>Stops reading; the source stands wherever reading got to.</summary>
    public void Dispose()
    {
        lock (_signal)
        {
            _stop = true;
            Monitor.PulseAll(_signal);
        }

        _thread.Join();
    }

    private void ReadAhead()
    {
        try
        {
            while (WaitForRoom())
            {
                var slot = _filled % _batches.Length;
                _source.Next(_batches[slot]);
                _source.Capture(_states[slot]);
                lock (_signal)
                {
                    _filled++;
                    Monitor.PulseAll(_signal);
                }
            }
        }
        catch (Exception error)
        {
            lock (_signal)
            {
                _error = ExceptionDispatchInfo.Capture(error);
                Monitor.PulseAll(_signal);
            }
        }
    }

    // The batch given out last is still in use, so one fewer than there are may be filled.
    private bool WaitForRoom()
    {
        lock (_signal)
        {
            while (!_stop && _filled - _taken >= _batches.Length - 1)
            {
                Monitor.Wait(_signal);
            }

            return !_stop;
        }
    }
}
