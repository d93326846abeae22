// Finds added tokens in a text: the first place where one stands and the longest that stands there. Places where none can begin are
// passed over with vector instructions; at the others a sorted list is narrowed byte by byte, so a thousand tokens cost little more than one.
using System.Buffers;
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal sealed class AddedTokenFinder
{
    private readonly AddedToken[] _tokens;
    private readonly byte[][] _spellings;
    private readonly SearchValues<byte> _firstBytes;
    private readonly bool _onlySpecial;

    private AddedTokenFinder(AddedToken[] tokens, byte[][] spellings)
    {
        Array.Sort(spellings, tokens, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        (_tokens, _spellings) = (tokens, spellings);
        _firstBytes = SearchValues.Create(spellings.Select(spelling => spelling[0]).Distinct().ToArray());
        _onlySpecial = Array.TrueForAll(tokens, token => token.IsSpecial);
    }

    /// <summary>A finder of these tokens as <paramref name="spell"/> writes them, or null for none.</summary>
    public static AddedTokenFinder? Of(IEnumerable<AddedToken> tokens, Func<string, byte[]> spell)
    {
        var (kept, spellings, seen) = (new List<AddedToken>(), new List<byte[]>(), new ByteStrings());
        foreach (var token in tokens)
        {
            // Two tokens can be spelt alike once they are normalised; the first holds.
            if (spell(token.Content) is { Length: > 0 } spelling && seen.Add(spelling) == kept.Count)
            {
                kept.Add(token);
                spellings.Add(spelling);
            }
        }

        return kept.Count == 0 ? null : new AddedTokenFinder([.. kept], [.. spellings]);
    }

    /// <summary>
    /// The next token that counts, from <paramref name="from"/> on; white space that it takes is not before <paramref name="end"/>, where the
    /// last one ended. Afterwards <paramref name="from"/> is where to look on.
    /// </summary>
    public AddedToken? Next(ReadOnlySpan<byte> text, SpecialTokens specials, ref int from, ref int start, ref int end)
    {
        if (_onlySpecial && specials == SpecialTokens.AsText)
        {
            return null;
        }

        while (from < text.Length && text[from..].IndexOfAny(_firstBytes) is >= 0 and var skipped)
        {
            from += skipped;
            var at = LongestAt(text[from..]);
            if (at < 0)
            {
                from++;
                continue;
            }

            var token = _tokens[at];
            var (first, last) = (from, from + _spellings[at].Length);
            from = last;
            if (token.IsSpecial && specials == SpecialTokens.AsText)
            {
                continue;
            }

            if (token.SingleWord && (EndsInWord(text[..first]) || StartsInWord(text[last..])))
            {
                continue;
            }

            if (token.IsSpecial && specials == SpecialTokens.Refused)
            {
                throw new ArgumentException($"The text holds the special token '{token.Content}' at byte {first}, and special tokens are refused.", nameof(text));
            }

            start = token.StripsLeft ? Math.Max(end, StartOfSpacesBefore(text[..first])) : first;
            end = token.StripsRight ? last + LengthOfSpaces(text[last..]) : last;
            return token;
        }

        return null;
    }

    private static bool EndsInWord(ReadOnlySpan<byte> text) =>
        Rune.DecodeLastFromUtf8(text, out var rune, out _) == OperationStatus.Done && Characters.IsOfWord(rune);

    private static bool StartsInWord(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out var rune, out _) == OperationStatus.Done && Characters.IsOfWord(rune);

    private static int StartOfSpacesBefore(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeLastFromUtf8(text, out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
        {
            text = text[..^length];
        }

        return text.Length;
    }

    private static int LengthOfSpaces(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Characters.ClassAt(text, at, out var length) == CharacterClass.Space)
        {
            at += length;
        }

        return at;
    }

    private int LongestAt(ReadOnlySpan<byte> text)
    {
        var (low, high, longest) = (0, _spellings.Length, -1);
        for (var depth = 0; depth < text.Length; depth++)
        {
            low = FirstNotBelow(low, high, depth, text[depth]);
            high = FirstNotBelow(low, high, depth, text[depth] + 1);
            if (low == high)
            {
                return longest;
            }

            // All in the range begin alike, so the shortest comes first.
            if (_spellings[low].Length == depth + 1)
            {
                longest = low;
                if (++low == high)
                {
                    return longest;
                }
            }
        }

        return longest;
    }

    private int FirstNotBelow(int low, int high, int depth, int value)
    {
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_spellings[middle][depth] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
