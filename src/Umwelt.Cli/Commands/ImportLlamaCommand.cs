// `umwelt import llama FOLDER`: makes a text model out of a folder that other programs' models come in.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Models;

namespace Umwelt.Cli.Commands;

internal static class ImportLlamaCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("FOLDER") { Description = "Holds config.json, tokenizer.json and model.safetensors or its shards." };
        var output = new Option<string?>("--out") { Description = "The model's folder; by default the source's name.", HelpName = "FOLDER" };
        var command = new ExampleCommand(
            "llama",
            "Import a language model: Llama, Mistral, Qwen 2 or Qwen 3.",
            ("umwelt import llama Llama-3.2-1B --out llama", "make a text model of a downloaded folder"),
            ("umwelt say llama \"Once upon a time\"", "and let it speak"))
        {
            source, output,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var folder = parsed.GetValue(source)!;
                var target = parsed.GetValue(output) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) + ".model";
                var result = Import(folder, target, cancellation);
                foreach (var note in result.Notes)
                {
                    Console.WriteLine($"note: {Terminal.Printable(note)}");
                }

                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{target}: a {result.Architecture} of {result.Parameters:N0} parameters and {result.Tokens:N0} tokens; 'umwelt say {ShellWord.Of(target)} \"…\"' lets it speak"));
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("format", "llama");
                        line.WriteString("source", folder);
                        line.WriteString("architecture", result.Architecture);
                        line.WriteNumber("parameters", result.Parameters);
                        line.WriteNumber("tokens", result.Tokens);
                        line.WriteString("layers", result.Options.Stack.Layers);
                        line.WriteStartArray("notes");
                        foreach (var note in result.Notes)
                        {
                            line.WriteStringValue(note);
                        }

                        line.WriteEndArray();
                        line.WriteString("model", target);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static LlamaImport Import(string folder, string target, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        return LlamaFolder.Import(folder, target, new ShareProgress(line), cancellation);
    }
}
