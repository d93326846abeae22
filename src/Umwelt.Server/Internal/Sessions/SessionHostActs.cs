// What is done to a session when somebody asks for it: connecting, beginning again, acting, keeping, going back, recording. All of
// it happens on the host's thread, and each tells the session's audience what has become of it.
using System.Diagnostics;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Sessions;

internal sealed partial class SessionHost
{
    public void Attach(Session session, ISessionAudience audience, bool isResumed)
    {
        session.Audience?.Left(SessionLeave.TakenOver);
        session.Set(audience);
        session.Schedule(Stopwatch.GetTimestamp());
        audience.Attached(session, isResumed);
        audience.Came(session, default);
    }

    public void Detach(Session session, ISessionAudience audience, SessionLeave leave)
    {
        if (ReferenceEquals(session.Audience, audience))
        {
            session.Set(null);
            audience.Left(leave);
        }
    }

    public void End(Session session, SessionLeave leave)
    {
        if (ReferenceEquals(_rows[session.Row], session))
        {
            _rows[session.Row] = null;
            StopRecording(session);
            StopReplay(session);
            session.Audience?.Left(leave);
            session.Set(null);
            foreach (var kept in session.Kept.Values)
            {
                (kept.State as IDisposable)?.Dispose();
            }

            session.Kept.Clear();
        }
    }

    /// <summary>Begins a new episode at once.</summary>
    public void Reset(Session session, long seed, string? from)
    {
        if (from is not null && Stage.Dream?.CanStart(from) != true)
        {
            session.Audience?.Refused("from", Stage.Dream is { } dream ? $"nothing begins like this; there are {string.Join(", ", dream.AllStarts())}" : "this world begins in one way");
            return;
        }

        StopReplay(session);
        (session.Seed, session.From) = (seed, from);
        BeginEpisode(session);
        session.Schedule(Stopwatch.GetTimestamp());
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Gives commands of another time, from the beginning of their first episode on.</summary>
    public void Play(Session session, Replay replay)
    {
        if (!ReferenceEquals(_rows[session.Row], session))
        {
            replay.Dispose();
            return;
        }

        StopReplay(session);
        (session.Replay, session.Acting, session.IsPaused) = (replay, null, false);
        (session.Seed, session.From) = (replay.Seed, replay.From);
        BeginEpisode(session);
        session.Schedule(Stopwatch.GetTimestamp());
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Lets an occupant act, or nobody but the client.</summary>
    public void Act(Session session, string? occupant)
    {
        StopReplay(session);
        if (occupant is not null)
        {
            if (!Stage.World.Occupants.Contains(occupant, StringComparer.Ordinal))
            {
                session.Audience?.Refused("occupant", $"no occupant of this name; there are {string.Join(", ", Stage.World.Occupants)}");
                return;
            }

            Occupant(occupant).Reset(session.Row, session.Seed);
        }

        session.Acting = occupant;
        session.Audience?.Changed(session);
    }

    public void Keep(Session session, string id, int most)
    {
        if (!Stage.CanKeep)
        {
            session.Audience?.Refused("keep", "this world can't be kept");
        }
        else if (session.Kept.Count >= most)
        {
            session.Audience?.Refused("keep", $"a session keeps {most} moments at most");
        }
        else
        {
            var moment = new MomentBatch(Schema, 1);
            moment.Copy(Moments, session.Row, 0);
            session.Kept.Add(id, new KeptMoment(Stage.Keep(session.Row), moment, session.Log.Copy(), session.Seed, session.Number, session.Sequence, session.From));
            session.Audience?.Kept(id);
        }
    }

    public void Return(Session session, string id)
    {
        if (!session.Kept.TryGetValue(id, out var kept))
        {
            session.Audience?.Refused("return", "this session has kept no moment of this name");
            return;
        }

        StopReplay(session);

        var row = session.Row;
        Stage.Return(row, kept.State, Moments);
        Moments.Copy(kept.Moment, 0, row);
        (session.Seed, session.Number, session.Sequence, session.From) = (kept.Seed, kept.Number, kept.Sequence, kept.From);
        session.Log.Become(kept.Log);
        session.IsOver = Moments.Endings[row] != Ending.None;
        if (session.Acting is { } acting)
        {
            Occupant(acting).Reset(row, session.Seed);
        }

        session.Schedule(Stopwatch.GetTimestamp());
        session.Recording?.Begin(session.Seed, session.Number, session.Log);
        session.Audience?.Changed(session);
        Came(session, default);
    }

    /// <summary>Gives a kept moment as a file, from which it can be brought back here or elsewhere.</summary>
    public void Save(Session session, string id)
    {
        if (!session.Kept.TryGetValue(id, out var kept))
        {
            session.Audience?.Refused("save", "this session has kept no moment of this name");
        }
        else if (!kept.Log.IsWhole || !CommandLines.CanSay(Schema.Motor))
        {
            session.Audience?.Refused("save", "too much was done up to this moment to be written down");
        }
        else
        {
            var name = string.Concat(World.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
            session.Audience?.Saved(id, FormattableString.Invariant($"{name}-{kept.Seed}-{kept.Number}"), CommandLines.Moment(World, kept.Log, kept.Moment));
        }
    }

    /// <summary>Begins to record with the present moment.</summary>
    public void Record(Session session, Recordings.SessionRecording recording)
    {
        StopRecording(session);
        session.Recording = recording;
        recording.Begin(session.Seed, session.Number, session.Log);
        Write(session);
        session.Audience?.Changed(session);
    }

    public void StopRecording(Session session)
    {
        if (session.Recording is { } recording)
        {
            session.Recording = null;
            recording.Finish();
            session.Audience?.Changed(session);
        }
    }

    // Whoever acts, resets or goes elsewhere has the body again.
    private static void StopReplay(Session session)
    {
        session.Replay?.Dispose();
        session.Replay = null;
    }
}
