// A stack of layers as one readable line, such as "(space, mamba)x3, space, attention(window: 64)". The line says which
// layers follow each other and how they differ from their defaults; what a name means is up to whoever builds the stack.
using System.Collections.Immutable;
using System.Globalization;

namespace Umwelt.Networks;

/// <summary>One layer of a pattern: its name, what is said of it, and where in the line it stands.</summary>
/// <param name="Name">As written, in lower case.</param>
/// <param name="Arguments">As written, by name.</param>
/// <param name="Position">Of the name in the line, from 0; errors point there.</param>
public sealed record PatternLayer(string Name, ImmutableDictionary<string, PatternArgument> Arguments, int Position);

/// <summary>A value given to a layer, and where in the line it stands.</summary>
/// <param name="Value">A number or a word.</param>
/// <param name="Position">Of the value in the line, from 0.</param>
public readonly record struct PatternArgument(string Value, int Position);

/// <summary>A pattern that can't be read, or that names what does not exist.</summary>
public sealed class PatternException : FormatException
{
    /// <summary>Points at a character of the line.</summary>
    public PatternException(string pattern, int position, string problem)
        : base($"pattern \"{pattern}\", character {position + 1}{At(pattern, position)}: {problem}")
    {
        Position = position;
    }

    /// <summary>The character, from 0.</summary>
    public int Position { get; }

    private static string At(string pattern, int position) => position < pattern.Length ? $" ('{pattern[position]}')" : " (the end)";
}

/// <summary>Reads patterns.</summary>
public sealed class LayerPattern
{
    /// <summary>The most layers of a stack.</summary>
    public const int MostLayers = 1024;

    private LayerPattern(string text, ImmutableArray<PatternLayer> layers)
    {
        Text = text;
        Layers = layers;
    }

    /// <summary>The line.</summary>
    public string Text { get; }

    /// <summary>The layers in their order, repetitions written out.</summary>
    public ImmutableArray<PatternLayer> Layers { get; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="PatternException">It points at the character that can't be.</exception>
    public static LayerPattern Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new Reader(text);
        var layers = reader.List(0);
        if (!reader.IsAtEnd)
        {
            throw reader.Error("expected ',' or the end");
        }

        return new LayerPattern(text, [.. layers]);
    }

    /// <summary>The error that a layer is not known, with those that are.</summary>
    public PatternException Unknown(PatternLayer layer, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return new PatternException(Text, layer.Position, $"no layer '{layer.Name}'; there are {string.Join(", ", known)}");
    }

    /// <summary>The arguments of a layer, to be taken one by one; what is left at the end is an error.</summary>
    public PatternArguments Arguments(PatternLayer layer) => new(Text, layer);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private sealed class Reader(string text)
    {
        private const int DeepestNesting = 16;
        private int _position;

        public bool IsAtEnd
        {
            get
            {
                Skip();
                return _position >= text.Length;
            }
        }

        public PatternException Error(string problem) => new(text, _position, problem);

        public List<PatternLayer> List(int depth)
        {
            var layers = new List<PatternLayer>();
            do
            {
                var start = _position;
                layers.AddRange(Item(depth));
                if (layers.Count > MostLayers)
                {
                    throw new PatternException(text, start, $"more than {MostLayers} layers");
                }
            }
            while (Take(','));
            return layers;
        }

        private IEnumerable<PatternLayer> Item(int depth)
        {
            List<PatternLayer> layers;
            if (Take('('))
            {
                if (depth == DeepestNesting)
                {
                    throw Error($"more than {DeepestNesting} brackets in each other");
                }

                layers = List(depth + 1);
                Expect(')');
            }
            else
            {
                layers = [Layer()];
            }

            var times = Repetition();
            return Enumerable.Repeat(layers, times).SelectMany(repeated => repeated);
        }

        private PatternLayer Layer()
        {
            Skip();
            var position = _position;
            var name = Word("a layer's name or '('");
            var arguments = ImmutableDictionary.CreateBuilder<string, PatternArgument>(StringComparer.Ordinal);
            if (Take('('))
            {
                do
                {
                    Skip();
                    var at = _position;
                    var key = Word("an argument's name");
                    Expect(':');
                    if (!arguments.TryAdd(key, Value()))
                    {
                        throw new PatternException(text, at, $"'{key}' is given twice");
                    }
                }
                while (Take(','));
                Expect(')');
            }

            return new PatternLayer(name, arguments.ToImmutable(), position);
        }

        private PatternArgument Value()
        {
            Skip();
            var start = _position;
            while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] is '.' or '-' or '_'))
            {
                _position++;
            }

            return _position > start ? new PatternArgument(text[start.._position], start) : throw Error("expected a value");
        }

        // "x3" directly after a layer or a bracket.
        private int Repetition()
        {
            Skip();
            if (_position + 1 >= text.Length || text[_position] != 'x' || !char.IsAsciiDigit(text[_position + 1]))
            {
                return 1;
            }

            var start = ++_position;
            while (_position < text.Length && char.IsAsciiDigit(text[_position]))
            {
                _position++;
            }

            return int.TryParse(text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is >= 1 and <= MostLayers
                ? times
                : throw new PatternException(text, start, $"a layer can be repeated 1 to {MostLayers} times");
        }

        private string Word(string expected)
        {
            Skip();
            var start = _position;
            if (_position < text.Length && char.IsAsciiLetter(text[_position]))
            {
                while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] is '-' or '_'))
                {
                    _position++;
                }
            }

            if (_position == start)
            {
                throw Error($"expected {expected}");
            }

            // "mambax3" is mamba three times: a name never ends in x and a number.
            var end = _position;
            while (end > start && char.IsAsciiDigit(text[end - 1]))
            {
                end--;
            }

            if (end < _position && end - 1 > start && text[end - 1] == 'x')
            {
                _position = end - 1;
            }

            return text[start.._position].ToLowerInvariant();
        }

        private bool Take(char wanted)
        {
            Skip();
            if (_position >= text.Length || text[_position] != wanted)
            {
                return false;
            }

            _position++;
            return true;
        }

        private void Expect(char wanted)
        {
            if (!Take(wanted))
            {
                throw Error($"expected '{wanted}'");
            }
        }

        private void Skip()
        {
            while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            {
                _position++;
            }
        }
    }
}
