// `umwelt tokenizer train|encode|decode`: learns a byte-pair tokenizer from files, and shows what one makes of a text and of tokens.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Umwelt.Cli.Output;
using Umwelt.Networks.Text;

namespace Umwelt.Cli.Commands;

internal static class TokenizerCommand
{
    public static Command Create() => new ExampleCommand(
        "tokenizer",
        "Learn a tokenizer from text, or look at what one does.",
        ("umwelt tokenizer train book.txt --vocabulary 8192", "learn tokenizer.json from a text"),
        ("umwelt tokenizer encode tokenizer.json \"a text\"", "the tokens of a text"),
        ("umwelt tokenizer decode tokenizer.json 72 105", "the text of tokens"))
    {
        Train(),
        Encode(),
        Decode(),
    };

    private static ExampleCommand Train()
    {
        var files = new Argument<string[]>("FILES") { Description = "Texts in UTF-8, each for itself.", Arity = ArgumentArity.OneOrMore };
        var usual = new TokenizerTraining();
        var vocabulary = new Option<int>("--vocabulary")
        {
            Description = "How many tokens to have: special tokens, the 256 bytes, and what is merged.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => usual.VocabularySize,
        };
        var pattern = new Option<string>("--pattern")
        {
            Description = "How text is cut into pieces: gpt2, llama3 or qwen2.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "llama3",
        };
        var special = new Option<string[]>("--special")
        {
            Description = "A special token; may be given again for another.",
            HelpName = "TOKEN",
            DefaultValueFactory = _ => [.. usual.SpecialTokens],
        };
        var path = new Option<string>("--out")
        {
            Description = "Where to write it.",
            HelpName = "FILE",
            DefaultValueFactory = _ => Tokenizer.FileName,
        };
        var command = new ExampleCommand(
            "train",
            "Learn a byte-pair tokenizer from files.",
            ("umwelt tokenizer train book.txt --vocabulary 8192", "learn tokenizer.json from a text"),
            ("umwelt tokenizer train a.txt b.txt --pattern qwen2 --out my.json", "from two, each digit a token of its own"))
        {
            files,
            vocabulary,
            pattern,
            special,
            path,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var training = usual with
                {
                    VocabularySize = parsed.GetValue(vocabulary),
                    Pattern = PatternOf(parsed.GetValue(pattern)!),
                    SpecialTokens = parsed.GetValue(special)!,
                };
                var clock = Stopwatch.StartNew();
                var tokenizer = Learn(training, parsed.GetValue(files)!, cancellation);
                var seconds = clock.Elapsed.TotalSeconds;
                tokenizer.Write(parsed.GetValue(path)!);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{tokenizer.VocabularySize:N0} tokens, learnt in {seconds:0.0} s, are in {parsed.GetValue(path)}."));
                if (tokenizer.VocabularySize < training.VocabularySize)
                {
                    Console.WriteLine("They are fewer than asked for: the text has nothing more that occurs twice.");
                }

                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("path", parsed.GetValue(path));
                        line.WriteNumber("vocabulary", tokenizer.VocabularySize);
                        line.WriteFigure("seconds", seconds);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static ExampleCommand Encode()
    {
        var path = new Argument<string>("TOKENIZER") { Description = "A tokenizer.json." };
        var text = new Argument<string?>("TEXT") { Description = "The text; without it, what comes on standard input.", Arity = ArgumentArity.ZeroOrOne };
        var special = new Option<bool>("--special") { Description = "Take the spelling of a special token for the token, and put those around the text that belong there." };
        var command = new ExampleCommand(
            "encode",
            "Show the tokens of a text.",
            ("umwelt tokenizer encode tokenizer.json \"a text\"", "its tokens, as numbers"),
            ("umwelt tokenizer encode tokenizer.json < book.txt", "those of a file"))
        {
            path,
            text,
            special,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var tokenizer = Tokenizer.Read(parsed.GetValue(path)!);
                var isSpecial = parsed.GetValue(special);
                var tokens = new List<int>();
                var specials = isSpecial ? SpecialTokens.Allowed : SpecialTokens.AsText;
                if (parsed.GetValue(text) is { } given)
                {
                    tokenizer.Encode(given, tokens, specials, isSpecial);
                }
                else
                {
                    using var input = new MemoryStream();
                    using var standard = Console.OpenStandardInput();
                    standard.CopyTo(input);
                    tokenizer.Encode(input.GetBuffer().AsSpan(0, (int)input.Length), tokens, specials, isSpecial);
                }

                cancellation.ThrowIfCancellationRequested();
                Console.WriteLine(string.Join(' ', tokens.Select(token => token.ToString(CultureInfo.InvariantCulture))));
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteNumber("count", tokens.Count);
                        WriteAll(line, tokens);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static ExampleCommand Decode()
    {
        var path = new Argument<string>("TOKENIZER") { Description = "A tokenizer.json." };
        var tokens = new Argument<int[]>("TOKENS") { Description = "Numbers of tokens.", Arity = ArgumentArity.OneOrMore };
        var command = new ExampleCommand(
            "decode",
            "Show the text of tokens.",
            ("umwelt tokenizer decode tokenizer.json 72 105", "the text that these two are"))
        {
            path,
            tokens,
        };
        command.SetAction(parsed =>
        {
            var tokenizer = Tokenizer.Read(parsed.GetValue(path)!);
            var given = parsed.GetValue(tokens)!;
            foreach (var token in given)
            {
                if (token < 0 || token >= tokenizer.VocabularySize)
                {
                    throw new MisuseException($"{token} is no token of {parsed.GetValue(path)}; they go from 0 to {tokenizer.VocabularySize - 1}.");
                }
            }

            var text = tokenizer.Decode(given);
            Console.WriteLine(Console.IsOutputRedirected ? text : string.Join('\n', text.Split('\n').Select(Terminal.Printable)));
            if (parsed.GetValue(CommandLine.Json))
            {
                JsonLine.Write(line => line.WriteString("text", text));
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static void WriteAll(Utf8JsonWriter line, List<int> tokens)
    {
        line.WriteStartArray("tokens");
        foreach (var token in tokens)
        {
            line.WriteNumberValue(token);
        }

        line.WriteEndArray();
    }

    private static SplitPattern PatternOf(string name)
    {
        var patterns = Enum.GetValues<SplitPattern>();
        var found = Array.FindIndex(patterns, pattern => string.Equals(pattern.ToString(), name, StringComparison.OrdinalIgnoreCase));
        return found >= 0 ? patterns[found] : throw new MisuseException(
            Misuse.Unknown("pattern", name, patterns.Select(pattern => pattern.ToString().ToLowerInvariant()), "there are gpt2, llama3 and qwen2."));
    }

    private static Tokenizer Learn(TokenizerTraining training, string[] files, CancellationToken cancellation)
    {
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new CommandFailedException($"{missing}: there is no such file.");
        }

        using var progress = new ProgressLine();
        try
        {
            return training.OnFiles(files, new TrainingLine(progress), cancellation);
        }
        catch (ArgumentException error)
        {
            throw new MisuseException(error.Message);
        }
    }

    // Progress<T> would report from other threads, after the line is gone.
    private sealed class TrainingLine(IProgress<string> line) : IProgress<TokenizerProgress>
    {
        public void Report(TokenizerProgress value) => line.Report(value.Total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{value.Stage}: {100.0 * value.Done / value.Total:0} %")
            : value.Stage);
    }
}
