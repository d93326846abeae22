// Ends a text before the first of some texts that is complete in it, wherever the pieces it comes in are cut: what may be the
// beginning of one is held back until it is known. Where two are complete at once, the longer counts.
using System.Text;

namespace Umwelt.Models.Internal.Text;

internal sealed class StopText(IReadOnlyList<string> stops)
{
    private readonly StringBuilder _held = new();

    /// <summary>Whether one has appeared; nothing comes after it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What can be given now that this piece has come.</summary>
    public string Add(string piece)
    {
        if (HasEnded)
        {
            return "";
        }

        if (stops.Count == 0)
        {
            return piece;
        }

        var text = _held.Append(piece).ToString();
        var (start, end) = (0, int.MaxValue);
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
            {
                (start, end) = (at, at + stop.Length);
            }
        }

        _held.Clear();
        if (end < int.MaxValue)
        {
            HasEnded = true;
            return text[..start];
        }

        var kept = Pending(text);
        _held.Append(text, text.Length - kept, kept);
        return text[..^kept];
    }

    /// <summary>What is left when no piece follows.</summary>
    public string End()
    {
        var rest = _held.ToString();
        _held.Clear();
        return HasEnded ? "" : rest;
    }

    // The longest end of the text that may be the beginning of a stop.
    private int Pending(string text)
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
