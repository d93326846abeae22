// One thread that feeds files to a reader. The experiment watches it from outside, because a reader that never returns
// can only be noticed by somebody else; such a thread is left behind and its case counted as a failure.
using System.Diagnostics;

namespace Umwelt.Fuzzing;

internal sealed class FuzzWorker
{
    private readonly FuzzTarget _target;
    private readonly long _seed;
    private readonly CancellationToken _cancellation;
    private long _current;
    private long _since;
    private volatile bool _finished;
    private volatile bool _abandoned;

    public FuzzWorker(FuzzTarget target, long seed, int first, int step, long files, CancellationToken cancellation)
    {
        _target = target;
        _seed = seed;
        _cancellation = cancellation;
        _since = long.MaxValue;
        new Thread(() => Work(first, step, files)) { IsBackground = true, Name = $"fuzz {target.Name}" }.Start();
    }

    public FuzzTally Tally { get; } = new();

    public bool Finished => _finished;

    /// <summary>Whether the file at hand has been with the reader for more than five times the bound on time.</summary>
    public bool IsStuck => !_finished && Stopwatch.GetTimestamp() - Volatile.Read(ref _since) > 5 * FuzzTarget.MostSeconds * Stopwatch.Frequency;

    /// <summary>Counts the file at hand as a failure and lets the thread go.</summary>
    public void Abandon()
    {
        _abandoned = true;
        Tally.Fail($"{_target.Name}: file {Volatile.Read(ref _current)} of seed {_seed} does not return");
    }

    private void Work(int first, int step, long files)
    {
        for (var number = (long)first; number < files && !_abandoned && !_cancellation.IsCancellationRequested; number += step)
        {
            Volatile.Write(ref _current, number);
            Volatile.Write(ref _since, Stopwatch.GetTimestamp());
            Tally.Count(_target.Try(_seed, number));
        }

        _finished = true;
    }
}
