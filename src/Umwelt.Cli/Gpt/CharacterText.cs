// A text as tokens of one character each, and random windows of it to learn from.
using Umwelt.Storage;

namespace Umwelt.Cli.Gpt;

internal sealed class CharacterText
{
    private readonly int[] _tokens;
    private readonly Dictionary<char, int> _codes = [];

    public CharacterText(string text)
    {
        Characters = new string(text.Distinct().Order().ToArray());
        for (var i = 0; i < Characters.Length; i++)
        {
            _codes[Characters[i]] = i;
        }

        _tokens = [.. text.Select(character => _codes[character])];
    }

    /// <summary>The characters that occur, in order; token i stands for the i-th.</summary>
    public string Characters { get; }

    public int Length => _tokens.Length;

    /// <summary>Tokens of a text; characters that do not occur are left out.</summary>
    public int[] Encode(string text) => [.. text.Where(_codes.ContainsKey).Select(character => _codes[character])];

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
