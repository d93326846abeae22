// Somebody's commands given once more, in place of whoever is connected: at the session's own pace to be watched, or as fast as
// it goes and unseen, to come back to where a session was. Moments are compared with the sums that were kept of them.
using System.Security.Cryptography;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class Replay(string name, IReadOnlyList<ReplayedEpisode> episodes, bool isUnseen = false) : IDisposable
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _episode;
    private int _moment;
    private int _position;
    private int _said;

    /// <summary>What is replayed.</summary>
    public string Name => name;

    /// <summary>Whether nobody watches: time does not matter and nothing is told before its end.</summary>
    public bool IsUnseen => isUnseen;

    /// <summary>The seed of the episode that is due.</summary>
    public long Seed => episodes[_episode].Log.Seed;

    /// <summary>What the episode that is due began with, where that was chosen.</summary>
    public string? From => episodes[_episode].Log.From;

    /// <summary>How many moments were replayed.</summary>
    public long Moments { get; private set; }

    /// <summary>How many of them had a sum to be compared with.</summary>
    public long Compared { get; private set; }

    /// <summary>How many were not what they had been.</summary>
    public long Different { get; private set; }

    /// <summary>Done once nothing of it follows, to its end or broken off.</summary>
    public Task Done => _done.Task;

    /// <summary>Whether this episode has no more commands.</summary>
    public bool IsEpisodeDone => _moment >= episodes[_episode].Log.Count;

    /// <summary>Goes on to the next episode; false where there is none.</summary>
    public bool NextEpisode()
    {
        (_moment, _position, _said) = (0, 0, 0);
        return ++_episode < episodes.Count;
    }

    /// <summary>What was said before the next commands; null once that is all.</summary>
    public string? Said()
    {
        var asides = episodes[_episode].Log.Asides;
        return _said < asides.Count && asides[_said].Count <= _moment ? asides[_said++].Message : null;
    }

    /// <summary>Writes the next commands into a row.</summary>
    public void Command(MomentBatch commands, int row)
    {
        _position = episodes[_episode].Log.Read(_position, commands, row);
        _moment++;
    }

    /// <summary>Compares the moment that followed.</summary>
    public void Came(MomentBatch moments, int row)
    {
        Moments++;
        if (episodes[_episode].Sums is { Count: > 0 } sums && sums[_moment - 1] is { } sum)
        {
            Compared++;
            Different += string.Equals(sum, CommandLines.Sum(moments, row, _hash), StringComparison.Ordinal) ? 0 : 1;
        }
    }

    /// <summary>The world stopped before the commands did, which it did not do then.</summary>
    public void StoppedEarly() => Different++;

    public void Dispose()
    {
        _hash.Dispose();
        _done.TrySetResult();
    }
}
