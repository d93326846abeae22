// Real stretches of equal length, side by side: what a dream is primed with and what really followed. Each remembers where it
// is from, since intervals are drawn over episodes, and may carry the hidden state that a truth can go on from.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

/// <summary>Where an excerpt begins.</summary>
/// <param name="Episode">The episode it is from.</param>
/// <param name="First">Its first moment, counted over the whole recording.</param>
internal readonly record struct Place(RecordedEpisode Episode, long First);

internal sealed class Excerpts
{
    public Excerpts(Schema schema, int rows, int length)
    {
        Moments = new MomentBatch(schema, checked(rows * length));
        (Rows, Length) = (rows, length);
        Groups = new long[rows];
        Places = new Place[rows];
        States = new object?[rows];
    }

    /// <summary>[row, time].</summary>
    public MomentBatch Moments { get; }

    public int Rows { get; }

    public int Length { get; }

    /// <summary>Rows with equal numbers are from one episode.</summary>
    public long[] Groups { get; }

    public Place[] Places { get; }

    /// <summary>What is hidden of the last primed moment of each row; null where nobody knows.</summary>
    public object?[] States { get; }

    public static Excerpts Read(Recording recording, IReadOnlyList<Place> places, int length)
    {
        var excerpts = new Excerpts(recording.Schema, places.Count, length);
        for (var row = 0; row < places.Count; row++)
        {
            recording.Read(places[row].First, length, excerpts.Moments, row * length);
            excerpts.Places[row] = places[row];
            excerpts.Groups[row] = places[row].Episode.Start;
        }

        return excerpts;
    }

    public int At(int row, int t) => (row * Length) + t;

    /// <summary>Copies the commands that led to moment t of each row.</summary>
    public void Commands(int t, MomentBatch commands)
    {
        var motors = Moments.Schema.Motors;
        for (var row = 0; row < Rows; row++)
        {
            for (var m = 0; m < motors.Length; m++)
            {
                commands.Copy(Moments, motors[m], At(row, t), m, row);
            }
        }
    }

    /// <summary>Copies moment t of each row, channels that are not visible left out.</summary>
    public void Copy(int t, MomentBatch moments, bool[]? visible = null)
    {
        for (var row = 0; row < Rows; row++)
        {
            Copy(row, t, moments, row, visible);
        }
    }

    /// <summary>The first moments [row, time], channels that are not visible left out.</summary>
    public MomentBatch History(int count, bool[]? visible = null)
    {
        var history = new MomentBatch(Moments.Schema, Rows * count);
        for (var row = 0; row < Rows; row++)
        {
            for (var t = 0; t < count; t++)
            {
                Copy(row, t, history, (row * count) + t, visible);
            }
        }

        return history;
    }

    private void Copy(int row, int t, MomentBatch target, int targetRow, bool[]? visible)
    {
        target.Copy(Moments, At(row, t), targetRow);
        for (var c = 0; visible is not null && c < visible.Length; c++)
        {
            if (!visible[c])
            {
                target.SetAbsent(c, targetRow);
            }
        }
    }
}
