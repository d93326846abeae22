// Text that arrives in pieces, broken between words where the terminal's line ends; in a pipe or a file it passes as it is,
// at once. On a terminal nothing in it steers: what a model learnt from a file must not move the cursor.
using System.Globalization;

namespace Umwelt.Cli.Output;

internal sealed class WrappedText(TextWriter writer, int width) : IDisposable
{
    private string _word = "";
    private int _column;

    /// <summary>Onto the console: as wide as the terminal, or without an end where no terminal reads it.</summary>
    public static WrappedText ToConsole() => new(Console.Out, Console.IsOutputRedirected ? int.MaxValue : Terminal.Width);

    public void Write(string piece)
    {
        if (width == int.MaxValue)
        {
            writer.Write(piece);
            return;
        }

        foreach (var character in piece)
        {
            if (character is '\n' or ' ' or '\t')
            {
                EndWord();
                _column = character == '\n' ? 0 : _column + 1;
                writer.Write(character == '\t' ? ' ' : character);
            }
            else if (!char.IsControl(character))
            {
                _word += character;
                if (Length(_word) >= width)
                {
                    EndWord();
                }
            }
        }
    }

    /// <summary>Writes what is held back, and ends the line.</summary>
    public void Dispose()
    {
        EndWord();
        writer.WriteLine();
    }

    private static int Length(string text) => new StringInfo(text).LengthInTextElements;

    private void EndWord()
    {
        var length = Length(_word);
        if (_column > 0 && _column + length > width)
        {
            writer.WriteLine();
            _column = 0;
        }

        writer.Write(_word);
        _column += length;
        _word = "";
    }
}
