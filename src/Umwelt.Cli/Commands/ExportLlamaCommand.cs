// `umwelt export llama MODEL`: writes a text model as a folder that other programs read.
using System.CommandLine;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class ExportLlamaCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("MODEL") { Description = "A text model's folder, or that of a run." };
        var output = new Option<string?>("--out") { Description = "The folder; by default the model's name.", HelpName = "FOLDER" };
        var weights = new Option<string>("--weights") { Description = "fp32 as they are, or bf16: rounded, in half the space.", HelpName = "FORMAT", DefaultValueFactory = _ => "fp32" };
        var command = new ExampleCommand(
            "llama",
            "Export a language model as a Llama-style folder.",
            ("umwelt export llama umwelt-text --out for-others", "config.json, model.safetensors, tokenizer.json"),
            ("umwelt export llama umwelt-text --weights bf16", "in half the space"))
        {
            source, output, weights,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var options = new LlamaExportOptions
                {
                    RoundsToBFloat16 = parsed.GetValue(weights) switch
                    {
                        "fp32" => false,
                        "bf16" => true,
                        var other => throw new MisuseException($"--weights is '{other}'; it can be fp32 or bf16."),
                    },
                };
                var model = parsed.GetValue(source)!;
                var target = parsed.GetValue(output) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))) + ".llama";
                var architecture = Export(TextModelPath.Of(model), target, options, cancellation);
                Console.WriteLine($"{target}: a {architecture}");
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("format", "llama");
                        line.WriteString("model", model);
                        line.WriteString("architecture", architecture);
                        line.WriteString("folder", target);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static string Export(string path, string target, LlamaExportOptions options, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend());
        using var model = TextModel.Load(engine, path);
        using var line = new ProgressLine();
        try
        {
            return LlamaFolder.Export(model, target, options, new ShareProgress(line), cancellation);
        }
        catch (NotSupportedException error)
        {
            throw new CommandFailedException($"{path}: {error.Message}");
        }
    }
}
