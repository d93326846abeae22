// Reads a text that somebody wants learnt. It reads no more than it can use, so an endless device does not hang it, and
// says in one line what is wrong with what is no text.
using System.Text;

namespace Umwelt.Cli.Gpt;

internal static class TextFile
{
    private const int Most = 64 << 20;

    /// <summary>The whole text, which has at least <paramref name="fewest"/> characters.</summary>
    public static string Read(string path, int fewest)
    {
        var text = Read(path);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new CommandFailedException($"{path} is not a text: it has zero bytes. Take a plain UTF-8 text.");
        }

        return text.Length >= fewest
            ? text
            : throw new CommandFailedException($"{path} has {text.Length:N0} characters, too few to learn from; take a text of some thousands.");
    }

    private static string Read(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new CommandFailedException($"{path} is a folder; --text takes a file.");
            }

            var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(path, strict, detectEncodingFromByteOrderMarks: true);
            var text = new StringBuilder();
            var block = new char[1 << 16];
            for (int count; (count = reader.Read(block, 0, block.Length)) > 0;)
            {
                text.Append(block, 0, count);
                if (text.Length > Most)
                {
                    throw new CommandFailedException($"{path} has more than {Most:N0} characters; take a part of it.");
                }
            }

            return text.ToString();
        }
        catch (DecoderFallbackException)
        {
            throw new CommandFailedException($"{path} is not a text: its bytes are not UTF-8.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailedException($"{path}: there is no such file.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path}: reading it is not permitted.");
        }
        catch (IOException error)
        {
            throw new CommandFailedException($"{path}: {error.Message}");
        }
    }
}
