// Runs a configuration: reads texts, makes tokens, builds the model and its trainer, trains, and leaves the model in the run's
// folder: config.json, tokenizer.json, checkpoints/, and at the end model/.
using System.Text;
using Umwelt.Models;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Learning;

/// <summary>What a training came to.</summary>
/// <param name="Model">The folder of the model.</param>
/// <param name="Step">How many steps are made.</param>
/// <param name="IsDone">Whether those are all; a run that was stopped can be resumed.</param>
/// <param name="Figures">What the model came to on held-out text at last.</param>
public sealed record TextTrainingResult(string Model, long Step, bool IsDone, IReadOnlyList<KeyValuePair<string, double>> Figures);

/// <summary>A training of a text model.</summary>
public sealed class TextTraining : IDisposable
{
    private const string CheckpointsFolder = "checkpoints";
    private readonly TextRun _run;
    private readonly TextLearner _learner;
    private readonly Optimiser _optimiser;
    private readonly int[] _heldOut;
    private readonly int _measuredLength;
    private IReadOnlyList<KeyValuePair<string, double>> _figures = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="engine">Does the work.</param>
    /// <param name="run">The configuration.</param>
    /// <param name="resumes">Whether it goes on from the run's last checkpoint; otherwise its folder must hold no run.</param>
    /// <param name="observers">Who watches.</param>
    public TextTraining(Engine engine, TextRun run, bool resumes = false, params IReadOnlyList<TrainingObserver> observers)
    {
        ArgumentNullException.ThrowIfNull(run);
        _run = run;
        run.Training.Validate();
        run.Model.Validate();
        run.Sample.Sampling.Validate();
        var folder = Path.Combine(run.Out, CheckpointsFolder);
        var hasRun = Directory.Exists(folder) && new Checkpoints(folder).All.Count > 0;
        if (hasRun && !resumes)
        {
            throw new ArgumentException($"{run.Out} holds a run already; resume it, or choose another folder (out).", nameof(run));
        }

        Directory.CreateDirectory(run.Out);
        var texts = ReadTexts(run.Data);
        Tokenizer = MakeTokenizer(run, texts, hasRun);
        var parts = new List<TextPart>();
        var heldOut = new List<int>();
        foreach (var (text, share) in texts)
        {
            var tokens = Tokenizer.Encode(text);
            var learnt = (int)(tokens.Length * (1 - run.Data.HeldOut));
            parts.Add(new TextPart(tokens[..learnt], share));
            heldOut.AddRange(tokens.AsSpan(learnt));
        }

        _heldOut = [.. heldOut];
        _measuredLength = run.Training.Length.WholeAt(1);
        if (parts.Max(part => part.Tokens.Length) <= run.Training.Length.Most)
        {
            throw new ArgumentException($"The text has {parts.Max(part => part.Tokens.Length):N0} tokens to learn from, too few for rows of {run.Training.Length.Most:N0}: take more text or shorter rows (training.length).", nameof(run));
        }

        Model = new TextModel(engine, Tokenizer, run.Model, run.Seed);
        _learner = new TextLearner(Model, run.Data.AreLanes);
        _optimiser = run.Optimiser.Create(Model.Parameters);
        var mask = run.Model.Objective == TextObjective.Masked ? new TokenMask(Model.MaskToken, Model.Vocabulary, run.Data.Hidden) : null;
        var batches = new TextBatches(parts, new TextBatchOptions { Seed = run.Seed, AreLanes = run.Data.AreLanes, Restarts = run.Data.Restarts, Mask = mask });
        Trainer = new Trainer<TextBatch>(_learner, batches, _optimiser, run.Training)
        {
            Checkpoints = new Checkpoints(folder, run.Keep),
            Evaluate = _heldOut.Length > _measuredLength ? Measure : null,
            Sample = run.Model.Objective == TextObjective.Next ? Speak : null,
            Observers = observers,
        };
        run.Write(Path.Combine(run.Out, "config.json"));
        if (hasRun)
        {
            Trainer.Resume();
        }
    }

    /// <summary>Makes tokens of text.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>What is trained.</summary>
    public TextModel Model { get; }

    /// <summary>Trains it.</summary>
    public Trainer<TextBatch> Trainer { get; }

    /// <summary>Where the model is in the end.</summary>
    public string ModelFolder => Path.Combine(_run.Out, "model");

    /// <summary>Trains until the steps are made or it is cancelled, and leaves the model, averaged where the run keeps an average.</summary>
    public TextTrainingResult Run(CancellationToken cancellation = default)
    {
        var isDone = Trainer.Run(cancellation);
        Trainer.Average?.Exchange();
        Model.Save(ModelFolder);
        Trainer.Average?.Exchange();
        return new TextTrainingResult(ModelFolder, Trainer.Step, isDone, _figures);
    }

    /// <summary>Releases everything but the engine.</summary>
    public void Dispose()
    {
        Trainer.Dispose();
        _optimiser.Dispose();
        _learner.Dispose();
        Model.Dispose();
    }

    private static List<(string Text, StagedSchedule? Share)> ReadTexts(TextData data)
    {
        if (data.Path is null == (data.Mix.Count == 0))
        {
            throw new ArgumentException("data.path names the text to learn from (--data.path=FILE), or data.mix several; one of the two.");
        }

        if (!(data.HeldOut is >= 0 and < 1))
        {
            throw new ArgumentException($"data.heldOut is at least 0 and below 1, not {data.HeldOut}");
        }

        return data.Path is { } path
            ? [(ReadText(path), null)]
            : [.. data.Mix.Select(source => (ReadText(source.Path), (StagedSchedule?)source.Share))];
    }

    private static string ReadText(string path)
    {
        const long Most = 1L << 30;
        if (Directory.Exists(path) || !File.Exists(path))
        {
            throw new InvalidFileException(path, Directory.Exists(path) ? "it is a folder; a text file is wanted" : "there is no such file");
        }

        if (new FileInfo(path).Length > Most)
        {
            throw new InvalidFileException(path, $"it has more than {Most:N0} bytes; take a part of it");
        }

        try
        {
            var text = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return text.Length > 0 ? text : throw new InvalidFileException(path, "it is empty");
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidFileException(path, "it is no text: its bytes are not UTF-8", error.Index, error);
        }
    }

    private static Tokenizer MakeTokenizer(TextRun run, List<(string Text, StagedSchedule? Share)> texts, bool hasRun)
    {
        var kept = Path.Combine(run.Out, Tokenizer.FileName);
        if (hasRun && File.Exists(kept))
        {
            return Tokenizer.Read(kept);
        }

        var tokenizer = run.Tokens switch
        {
            { Path: { } path } => File.Exists(path) ? Tokenizer.Read(path) : throw new InvalidFileException(path, "there is no such file"),
            { Kind: TokenKind.Characters } => Tokenizer.OfCharacters(string.Concat(texts.Select(text => text.Text))),
            { Kind: TokenKind.Bytes } => Tokenizer.OfBytes(),
            _ => new TokenizerTraining { VocabularySize = run.Tokens.Vocabulary }.OnText(Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => text.Text)))),
        };
        tokenizer.Write(kept);
        return tokenizer;
    }

    private IReadOnlyList<KeyValuePair<string, double>> Measure() =>
        _figures = TextEvaluation.Measure(Model, _heldOut, _measuredLength, _run.Data.MeasuredWindows);

    private string Speak(long step) =>
        _run.Sample.Prompt + new TextGenerator(Model, _run.Sample.Sampling).Continue(_run.Sample.Prompt, unchecked((_run.Seed * 1_000_003) + step));
}
