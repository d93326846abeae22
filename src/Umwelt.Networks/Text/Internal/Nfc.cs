// Unicode's canonical composition (NFC), as UAX #15 describes it: decompose, put marks into canonical order, compose.
// What is plain already (all below U+0300 is) is copied; bytes that are no UTF-8 stay as they are and part what is around them.
using System.Buffers;
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal sealed class Nfc
{
    private const int FirstThatMayChange = 0x300;
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<NfcTable> Table = new(NfcTable.Read);

    // The part of the text since the last place where nothing can join: its characters, decomposed and in order.
    private readonly List<int> _pending = [];

    public void Append(ReadOnlySpan<byte> text, GrowingBytes destination)
    {
        while (!text.IsEmpty)
        {
            var plain = LengthOfPlain(text);
            destination.Add(text[..plain]);
            text = text[plain..];
            _pending.Clear();
            while (!text.IsEmpty && Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done)
            {
                // Nothing below joins what is before it, so what is pending ends here.
                if (_pending.Count > 0 && rune.Value < FirstThatMayChange)
                {
                    Compose(destination);
                    if (LengthOfPlain(text) > 0)
                    {
                        break;
                    }
                }

                Decompose(rune.Value);
                text = text[length..];
            }

            Compose(destination);
            if (!text.IsEmpty && Rune.DecodeFromUtf8(text, out _, out var broken) != OperationStatus.Done)
            {
                destination.Add(text[..broken]);
                text = text[broken..];
            }
        }
    }

    // Characters that normalisation leaves alone, without the last one before a character that may join it.
    private static int LengthOfPlain(ReadOnlySpan<byte> text)
    {
        // Up to U+02FF a character has one byte, or two of which the first is below 0xCC.
        var high = text.IndexOfAnyInRange((byte)0xCC, (byte)0xFF);
        if (high < 0)
        {
            return text.Length;
        }

        return high == 0 ? 0 : Characters.StartOfLast(text[..high]);
    }

    private void Decompose(int code)
    {
        if ((uint)(code - HangulBase) < HangulCount)
        {
            var index = code - HangulBase;
            _pending.Add(LeadBase + (index / (VowelCount * TailCount)));
            _pending.Add(VowelBase + (index / TailCount % VowelCount));
            if (index % TailCount > 0)
            {
                _pending.Add(TailBase + (index % TailCount));
            }
        }
        else if (code >= 0xC0 && Table.Value.TryDecompose(code, out var first, out var second))
        {
            Decompose(first);
            if (second >= 0)
            {
                Decompose(second);
            }
        }
        else
        {
            _pending.Add(code);
        }
    }

    private void Compose(GrowingBytes destination)
    {
        Order();
        var starter = -1;
        var kept = 0;
        var lastClass = -1;
        for (var i = 0; i < _pending.Count; i++)
        {
            var code = _pending[i];
            var combining = Table.Value.ClassOf(code);

            // A mark joins unless one of its class or above, or anything for a starter, stands between.
            if (starter >= 0 && lastClass < combining && TryJoin(_pending[starter], code, out var joined))
            {
                _pending[starter] = joined;
                continue;
            }

            if (combining == 0)
            {
                starter = kept;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            _pending[kept++] = code;
        }

        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < kept; i++)
        {
            destination.Add(utf8[..new Rune(_pending[i]).EncodeToUtf8(utf8)]);
        }

        _pending.Clear();
    }

    // Marks between two starters are sorted by class; those of one class keep their order.
    private void Order()
    {
        var start = 0;
        for (var i = 0; i <= _pending.Count; i++)
        {
            if (i == _pending.Count || Table.Value.ClassOf(_pending[i]) == 0)
            {
                if (i - start > 1)
                {
                    var sorted = _pending.GetRange(start, i - start).OrderBy(Table.Value.ClassOf).ToList();
                    for (var j = 0; j < sorted.Count; j++)
                    {
                        _pending[start + j] = sorted[j];
                    }
                }

                start = i + 1;
            }
        }
    }

    private static bool TryJoin(int first, int second, out int joined)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
        {
            joined = HangulBase + (((((first - LeadBase) * VowelCount) + second - VowelBase)) * TailCount);
            return true;
        }

        if ((uint)(first - HangulBase) < HangulCount && (first - HangulBase) % TailCount == 0 && second - TailBase is > 0 and < TailCount)
        {
            joined = first + second - TailBase;
            return true;
        }

        return Table.Value.TryCompose(first, second, out joined);
    }
}
