// `umwelt demo`: the most impressive thing that works today. It trains a small GPT from nothing, on two cores, in about a
// minute, on stories that it tells itself from a grammar (or on a text of one's own), shows how it learns, and lets it speak.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Gpt;
using Umwelt.Cli.Output;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class DemoCommand
{
    private const int Batch = 16;
    private const float LearningRate = 3e-3f;
    private const float Temperature = 0.7f;

    public static Command Create()
    {
        var text = new Option<string?>("--text") { Description = "A text file to learn instead of the built-in stories.", HelpName = "FILE" };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long to train.",
            HelpName = "TIME",
            DefaultValueFactory = _ => 60.0,
        };
        seconds.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && !(double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var time) && time is > 0 and <= 86400))
            {
                result.AddError("--seconds takes a number above 0 and at most 86400");
            }
        });
        var prompt = new Option<string>("--prompt")
        {
            Description = "What the model continues at the end.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "The ",
        };
        var seed = new Option<int>("--seed") { Description = "Another seed, another model.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var command = new ExampleCommand(
            "demo",
            "Train a small language model from nothing, watch it learn, and let it speak.",
            ("umwelt demo", "a minute of training on built-in stories"),
            ("umwelt demo --text book.txt --seconds 600", "ten minutes on a text of your own"))
        {
            text,
            seconds,
            prompt,
            seed,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var source = Read(parsed.GetValue(text), (ulong)parsed.GetValue(seed));
                var demonstration = new Demonstration(source, parsed.GetValue(seconds), parsed.GetValue(prompt)!, (ulong)parsed.GetValue(seed));
                demonstration.Run(parsed.GetValue(CommandLine.Json), cancellation);
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static CharacterText Read(string? path, ulong seed)
    {
        const int StoryCharacters = 400_000;
        const int FewestWindows = 10;
        return new CharacterText(
            path is null ? HouseStories.Tell(seed, StoryCharacters) : TextFile.Read(path, FewestWindows * Demonstration.Sizes(1).Context));
    }

    private sealed class Demonstration(CharacterText text, double seconds, string prompt, ulong seed)
    {
        public static GptSizes Sizes(int vocabulary) => new(vocabulary, 128, 128, 4, 4);

        public void Run(bool json, CancellationToken cancellation)
        {
            using var engine = new Engine(new CpuBackend());
            using var model = new GptModel(engine, Sizes(text.Vocabulary), seed);
            Console.WriteLine(Invariant($"A GPT of {model.Count:N0} parameters reads {text.Length:N0} characters, for {seconds:0.#} s on {Cores()}."));
            if (text.UnknownIn(prompt) is { Length: > 0 } unknown)
            {
                Console.WriteLine($"The text never has '{Terminal.Printable(unknown)}', so that part of the prompt is not heard.");
            }

            var (steps, loss, trained) = Train(engine, model, cancellation);
            var speed = (double)steps * Batch * model.Sizes.Context / trained;
            Console.WriteLine(Invariant($"\n{steps:N0} steps, {speed:N0} characters a second, loss {loss:0.00}. It says:\n"));
            var spoken = Speak(engine, model, cancellation);
            if (json)
            {
                JsonLine.Write(line =>
                {
                    line.WriteNumber("parameters", model.Count);
                    line.WriteNumber("steps", steps);
                    line.WriteFigure("loss", loss);
                    line.WriteFigure("characters_per_second", speed);
                    line.WriteString("text", spoken);
                });
            }
        }

        private string Speak(Engine engine, GptModel model, CancellationToken cancellation)
        {
            using var output = WrappedText.ToConsole();
            return new GptSpeaker(engine, model, text).Speak(prompt, 600, Temperature, seed, output.Write, cancellation);
        }

        private (int Steps, double Loss, double Seconds) Train(Engine engine, GptModel model, CancellationToken cancellation)
        {
            using var display = new LearningDisplay();
            using var optimiser = GptTraining.Optimiser(model, LearningRate);
            var speaker = new GptSpeaker(engine, model, text);
            var stream = RandomStream.Of((long)seed, 1);
            var (length, steps, mean) = (model.Sizes.Context, 0, double.NaN);
            int[] tokens = new int[Batch * length], targets = new int[Batch * length];
            var clock = Stopwatch.StartNew();
            var nextSample = 0.0;
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                cancellation.ThrowIfCancellationRequested();
                var done = clock.Elapsed.TotalSeconds / seconds;
                optimiser.SetLearningRate(LearningRate * (float)Math.Min(1, Math.Min((steps + 1) / 50.0, 0.05 + ((1 - done) / 0.4))));
                text.Draw(ref stream, Batch, length, tokens, targets);
                using var scope = engine.Scope();
                var loss = GptTraining.Step(model, optimiser, engine.From(tokens, [Batch, length]), engine.From(targets, [Batch, length])).Item();
                if (!float.IsFinite(loss))
                {
                    throw new CommandFailedException($"the loss is {loss} after {steps} steps; another --seed may do better.");
                }

                mean = steps == 0 ? loss : mean + ((loss - mean) * 0.1);
                steps++;
                if (done >= nextSample)
                {
                    nextSample = done + 0.1;
                    display.Sample(speaker.Speak(prompt, 90, Temperature, seed, null, cancellation));
                }

                display.Show(new LearningProgress(done, mean, (double)steps * Batch * length / clock.Elapsed.TotalSeconds, seconds - clock.Elapsed.TotalSeconds));
            }

            return (steps, mean, clock.Elapsed.TotalSeconds);
        }

        private static string Cores() => Environment.ProcessorCount == 1 ? "one core" : $"{Environment.ProcessorCount} cores";

        private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
