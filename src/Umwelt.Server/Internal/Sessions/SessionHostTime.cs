// How a session's time goes: what its body is told, by its client or by a replay, what is said beside that, where episodes begin
// and end, and who hears of it.
using System.Text;
using Umwelt.Moments;
using Umwelt.Server.Internal.Play;

namespace Umwelt.Server.Internal.Sessions;

internal sealed partial class SessionHost
{
    /// <summary>Says something that changes what follows without being a command.</summary>
    public void Say(Session session, ClientMessage message)
    {
        if (Stage.Dream is null)
        {
            session.Audience?.Refused("senses", "this world is no dream: nothing in it is inferred");
            return;
        }

        if (session.Replay is not null)
        {
            session.Audience?.Refused("senses", "this is lived again as it was; take the body back first");
            return;
        }

        Do(session, message);
        session.Audience?.Changed(session);
    }

    /// <summary>Answers what a moment would be, given some of it; the session stays where it is.</summary>
    public void Ask(Session session, ClientMessage.Ask ask)
    {
        if (Stage.Dream is { } dream)
        {
            session.Audience?.Answered(dream.Ask(session.Row, ask.Given, ask.Forgets));
        }
        else
        {
            session.Audience?.Refused("ask", "this world is no dream: nothing in it is inferred");
        }
    }

    private void Do(Session session, ClientMessage message)
    {
        var row = Stage.Dream!.Row(session.Row);
        switch (message)
        {
            case ClientMessage.Senses senses:
                row.Given.AsSpan().Clear();
                row.Held.AsSpan().Clear();
                foreach (var channel in senses.Given)
                {
                    row.Given[channel] = true;
                }

                foreach (var channel in senses.Held)
                {
                    row.Held[channel] = true;
                }

                break;
            case ClientMessage.Clamp clamp:
                row.Clamped = clamp.Values;
                break;
        }

        if (message is ClientMessage.IAside { Json: var line })
        {
            session.Log.Add(line);
            session.Recording?.Say(line);
        }
    }

    // An episode of a replay has come to its end: the next one begins, or time stops where the commands did.
    private void GoOn(Session session, Replay replay, float waited)
    {
        if (!replay.IsEpisodeDone)
        {
            replay.StoppedEarly();
        }

        if (replay.NextEpisode())
        {
            (session.Seed, session.From) = (replay.Seed, replay.From);
            BeginEpisode(session);
            session.Audience?.Changed(session);
            Came(session, new MomentTimes(0, waited));
            return;
        }

        StopReplay(session);
        session.IsPaused = !replay.IsUnseen;
        session.Audience?.Changed(session);
        session.Audience?.Replayed(replay);
    }

    private void Command(Session session)
    {
        var row = session.Row;
        session.Sequence = session.HeldSequence;
        if (session.Replay is { } replay)
        {
            while (replay.Said() is { } message)
            {
                Do(session, ClientMessage.Parse(Encoding.UTF8.GetBytes(message), Schema));
            }

            replay.Command(_commands!, row);
            return;
        }

        _commands!.Copy(session.Held, 0, row);
        for (var i = 0; i < Schema.Motors.Length; i++)
        {
            // What was said is said once; all else is held.
            if (session.Held.Schema.Channels[i].Kind == ChannelKind.Text)
            {
                session.Held.SetText(i, 0, []);
            }
        }
    }

    private void BeginEpisode(Session session)
    {
        var row = session.Row;
        if (Stage.Dream is { } dream)
        {
            session.From = session.From is { } from && dream.CanStart(from) ? from : dream.UsualStart;
            dream.Row(row).Start = session.From;
        }

        Stage.World.Reset(row, session.Seed, Moments);
        (session.Number, session.Sequence) = (0, 0);
        session.IsOver = Moments.Endings[row] != Ending.None;
        session.LivedMoments++;
        if (session.Acting is { } acting)
        {
            Occupant(acting).Reset(row, session.Seed);
        }

        session.Log.Begin(session.Seed, session.From);
        session.Recording?.Begin(session.Seed, 0, session.Log);
    }

    private void Came(Session session, in MomentTimes times)
    {
        Write(session);
        session.Audience?.Came(session, times);
    }

    private void Write(Session session)
    {
        if (session.Recording is { } recording && !recording.Write(Moments, session.Row))
        {
            session.Recording = null;
            recording.Finish();
            session.Audience?.Refused("recording", recording.Problem ?? "the recording has ended");
            session.Audience?.Changed(session);
        }
    }
}
