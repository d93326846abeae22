// `umwelt say MODEL "prompt"`: lets a text model continue a prompt, as it comes.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Networks.Text;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class SayCommand
{
    public static Command Create()
    {
        var usual = new SamplingOptions();
        var path = new Argument<string>("MODEL") { Description = "A text model's folder, or that of a run." };
        var prompt = new Argument<string>("PROMPT") { Description = "What it continues.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "" };
        var tokens = new Option<int>("--tokens") { Description = "The most tokens to add.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Tokens };
        var temperature = Number("--temperature", "Below 1 bolder, above 1 wilder; 0 takes the likeliest always.", usual.Temperature);
        var topK = new Option<int>("--top-k") { Description = "Only so many likeliest tokens; 0 for all.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.TopK };
        var topP = Number("--top-p", "Only the likeliest tokens that together have this probability.", usual.TopP);
        var minP = Number("--min-p", "Only tokens at least this share as likely as the likeliest.", usual.MinP);
        var penalty = Number("--repetition-penalty", "Above 1 makes what was said already less likely.", usual.RepetitionPenalty);
        var stop = new Option<string[]>("--stop") { Description = "A text that ends it; may be given again for another.", HelpName = "TEXT", DefaultValueFactory = _ => [] };
        var seed = new Option<long>("--seed") { Description = "Another seed, another continuation.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var count = new Option<int>("--count") { Description = "How many continuations, side by side.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var specials = new Option<bool>("--specials") { Description = "Let the prompt spell special tokens, such as <|im_start|>; otherwise they are text." };
        var weights = new Option<string>("--weights") { Description = "fp32 as they were learnt, or bf16: rounded, and nearly twice as fast.", HelpName = "FORMAT", DefaultValueFactory = _ => "fp32" };
        var command = new ExampleCommand(
            "say",
            "Let a language model continue a text.",
            ("umwelt say umwelt-text \"Once upon\"", "as the model of that run would"),
            ("umwelt say umwelt-text \"Once upon\" --temperature 0.5 --top-p 0.9 --stop \"\\n\\n\"", "up to the end of the paragraph"))
        {
            path, prompt, tokens, temperature, topK, topP, minP, penalty, stop, seed, count, specials, weights,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var options = usual with
                {
                    Tokens = parsed.GetValue(tokens),
                    Temperature = parsed.GetValue(temperature),
                    TopK = parsed.GetValue(topK),
                    TopP = parsed.GetValue(topP),
                    MinP = parsed.GetValue(minP),
                    RepetitionPenalty = parsed.GetValue(penalty),
                    Stop = [.. parsed.GetValue(stop)!.Select(text => text.Replace("\\n", "\n", StringComparison.Ordinal))],
                };
                if (parsed.GetValue(count) is < 1 or > 1024)
                {
                    throw new MisuseException($"--count is {parsed.GetValue(count)}; it can be 1 to 1024.");
                }

                try
                {
                    options.Validate();
                }
                catch (ArgumentException error)
                {
                    throw new MisuseException(error.Message);
                }

                var spelt = parsed.GetValue(specials) ? SpecialTokens.Allowed : SpecialTokens.AsText;
                var requests = Enumerable.Range(0, parsed.GetValue(count)).Select(i => new TextRequest(parsed.GetValue(prompt)!, parsed.GetValue(seed) + i, spelt)).ToList();
                Say(TextModelPath.Of(parsed.GetValue(path)!), FormatOf(parsed.GetValue(weights)!), requests, options, parsed.GetValue(CommandLine.Json), cancellation);
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static WeightFormat FormatOf(string name) => name switch
    {
        "fp32" => WeightFormat.Float32,
        "bf16" => WeightFormat.BFloat16,
        _ => throw new MisuseException($"--weights is {name}; it can be fp32 or bf16."),
    };

    private static Option<double> Number(string name, string description, double usual) =>
        new(name) { Description = description, HelpName = "NUMBER", DefaultValueFactory = _ => usual };

    private static void Say(string path, WeightFormat format, List<TextRequest> requests, SamplingOptions options, bool json, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend());
        using var model = TextModel.Load(engine, path);
        model.Format = format;
        var generator = new TextGenerator(model, options);
        var texts = requests.ConvertAll(_ => new StringBuilder());
        var clock = Stopwatch.StartNew();
        if (requests.Count == 1)
        {
            using var output = WrappedText.ToConsole();
            output.Write(requests[0].Prompt);
            foreach (var piece in generator.Stream(requests, cancellation))
            {
                output.Write(piece.Text);
                texts[0].Append(piece.Text);
            }
        }
        else
        {
            foreach (var piece in generator.Stream(requests, cancellation))
            {
                texts[piece.Request].Append(piece.Text);
            }

            for (var i = 0; i < texts.Count; i++)
            {
                using var output = WrappedText.ToConsole();
                output.Write(string.Create(CultureInfo.InvariantCulture, $"[{requests[i].Seed}] {requests[i].Prompt}{texts[i]}"));
            }
        }

        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteStartArray("texts");
                texts.ForEach(text => line.WriteStringValue(text.ToString()));
                line.WriteEndArray();
                line.WriteFigure("seconds", clock.Elapsed.TotalSeconds);
            });
        }
    }
}
