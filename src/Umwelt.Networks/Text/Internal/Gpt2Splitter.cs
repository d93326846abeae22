// GPT-2's pieces: contractions, words, numbers and marks, each with the one space before it.
// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// Every character begins some alternative, so the pieces leave nothing out.
namespace Umwelt.Networks.Text.Internal;

internal sealed class Gpt2Splitter : Splitter
{
    public override int End(ReadOnlySpan<byte> text, int start)
    {
        var kind = Characters.ClassAt(text, start, out var length);
        var next = start + length;
        if (kind == CharacterClass.Space)
        {
            if (text[start] == ' ' && next < text.Length)
            {
                var following = Characters.ClassAt(text, next, out length);
                if (following != CharacterClass.Space)
                {
                    return Characters.EndOf(following, text, next + length);
                }
            }

            return EndOfSpaces(text, start);
        }

        if (text[start] == '\'' && EndOfContraction(text, start, ignoreCase: false) is > 0 and var end)
        {
            return end;
        }

        return Characters.EndOf(kind, text, next);
    }
}
