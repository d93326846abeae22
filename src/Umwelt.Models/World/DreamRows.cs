// Single rows of a dream: taken out, put back, and led by what is given. Whoever keeps many sessions in one dream needs no more:
// a moment that is kept is a row that was taken, and a fork is one that was put somewhere else.
using Umwelt.Moments;

namespace Umwelt.Models;

public sealed partial class Dream
{
    /// <summary>Some rows as a dream of their own, which goes its own way from here and is the caller's.</summary>
    /// <param name="rows">Which rows.</param>
    public Dream Take(params ReadOnlySpan<int> rows)
    {
        CheckRows(rows);
        var part = new Dream(_model, _seed, _body.Gather(rows), ownsModel: false);
        for (var i = 0; i < rows.Length; i++)
        {
            if (IsRunning(rows[i]))
            {
                part.GoOn(i);
            }
        }

        return part;
    }

    /// <summary>Lets rows go on from where those of another dream of this model are, which stays as it is.</summary>
    /// <param name="source">As many rows.</param>
    /// <param name="rows">Which rows become like them.</param>
    public void Put(Dream source, params ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckRows(rows);
        if (!ReferenceEquals(source._model, _model) || source.Count != rows.Length)
        {
            throw new ArgumentException($"{rows.Length} rows of a dream of the same model can be put here.", nameof(source));
        }

        _body.Scatter(source._body, rows);
        foreach (var row in rows)
        {
            GoOn(row);
        }
    }

    /// <summary>
    /// Goes on with moments of which some channels are given, commands or not: those that are present stay as they are and are
    /// taken in as what happened, the others are inferred and taken in as dreamed.
    /// </summary>
    /// <param name="moments">A row each; become the whole moments. An end that is inferred ends the row's episode.</param>
    public void Continue(MomentBatch moments)
    {
        Check(moments, Count, nameof(moments));
        _body.Step(moments);
        for (var row = 0; row < Count; row++)
        {
            GoOn(row);
            if (Schema.End is { } end && moments.Category(end, row) == 1 && moments.Endings[row] == Ending.None)
            {
                moments.Endings[row] = Ending.End;
            }
        }
    }

    private void CheckRows(ReadOnlySpan<int> rows)
    {
        ArgumentOutOfRangeException.ThrowIfZero(rows.Length, nameof(rows));
        foreach (var row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(rows));
        }
    }
}
