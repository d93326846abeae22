// A text as tokens of one character each, and random windows of it to learn from. A character is a Unicode scalar, so
// that no token is half of one.
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Cli.Gpt;

internal sealed class CharacterText
{
    private readonly int[] _tokens;
    private readonly Rune[] _characters;
    private readonly Dictionary<Rune, int> _codes = [];

    public CharacterText(string text)
    {
        _characters = [.. text.EnumerateRunes().Distinct().Order()];
        for (var i = 0; i < _characters.Length; i++)
        {
            _codes[_characters[i]] = i;
        }

        _tokens = [.. text.EnumerateRunes().Select(character => _codes[character])];
    }

    /// <summary>How many different characters there are; tokens are below it.</summary>
    public int Vocabulary => _characters.Length;

    public int Length => _tokens.Length;

    /// <summary>The character that a token stands for.</summary>
    public string this[int token] => _characters[token].ToString();

    /// <summary>Tokens of a text; characters that do not occur are left out.</summary>
    public int[] Encode(string text) => [.. text.EnumerateRunes().Where(_codes.ContainsKey).Select(character => _codes[character])];

    /// <summary>The characters of a text that do not occur in this one, each once.</summary>
    public string UnknownIn(string text) => string.Concat(text.EnumerateRunes().Where(character => !_codes.ContainsKey(character)).Distinct());

    /// <summary>Fills rows of tokens and of the tokens that follow them, each from a random place.</summary>
    public void Draw(ref RandomStream stream, int batch, int length, Span<int> tokens, Span<int> targets)
    {
        for (var row = 0; row < batch; row++)
        {
            var start = stream.NextInt32(_tokens.Length - length);
            _tokens.AsSpan(start, length).CopyTo(tokens[(row * length)..]);
            _tokens.AsSpan(start + 1, length).CopyTo(targets[(row * length)..]);
        }
    }
}
