// Parts numbers from all else; on demand, every digit from every other.
namespace Umwelt.Networks.Text.Internal;

internal sealed class DigitSplitter(bool individual) : Splitter
{
    public override int End(ReadOnlySpan<byte> text, int start)
    {
        var isNumber = Characters.ClassAt(text, start, out var length) == CharacterClass.Number;
        var at = start + length;
        if (isNumber && individual)
        {
            return at;
        }

        while (at < text.Length && Characters.ClassAt(text, at, out length) == CharacterClass.Number == isNumber)
        {
            at += length;
        }

        return at;
    }
}
