// The tables of canonical normalisation, read once from the text that nfc.py writes. Programs that run without the system's language
// data, as this one does, have no other source: there the base library leaves text as it is.
using System.Globalization;

namespace Umwelt.Networks.Text.Internal;

internal sealed class NfcTable
{
    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly Dictionary<int, byte> _classes = [];

    private NfcTable(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('=') is [var character, var parts])
            {
                var code = Hexadecimal(character);
                var numbers = Array.ConvertAll(parts.TrimEnd('!').Split(' '), part => Hexadecimal(part));
                _decompositions[code] = (numbers[0], numbers.Length > 1 ? numbers[1] : -1);
                if (!parts.EndsWith('!'))
                {
                    _compositions[(numbers[0], numbers[1])] = code;
                }
            }
            else if (line.Split('-', ' ') is [var first, var last, var combining] && first[0] != '#')
            {
                for (var code = Hexadecimal(first); code <= Hexadecimal(last); code++)
                {
                    _classes[code] = byte.Parse(combining, CultureInfo.InvariantCulture);
                }
            }
        }
    }

    public static NfcTable Read()
    {
        using var stream = typeof(NfcTable).Assembly.GetManifestResourceStream("nfc.txt")!;
        using var reader = new StreamReader(stream);
        return new NfcTable(reader);
    }

    /// <summary>The combining class: 0 for what begins a character, and what may change places otherwise.</summary>
    public int ClassOf(int code) => _classes.GetValueOrDefault(code);

    /// <summary>The one or two characters that this one is made of; the second is -1 for one.</summary>
    public bool TryDecompose(int code, out int first, out int second)
    {
        var found = _decompositions.TryGetValue(code, out var parts);
        (first, second) = parts;
        return found;
    }

    public bool TryCompose(int first, int second, out int code) => _compositions.TryGetValue((first, second), out code);

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
