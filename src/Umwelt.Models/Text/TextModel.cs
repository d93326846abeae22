// A text model: tokens, a stack, scores of tokens. It is the world model whose moments hold one token each, with a softmax for
// a decoder. Over a whole text at once it learns; token by token, with a state, it speaks: a prefix is never read again.
using Umwelt.Models.Internal.Text;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models;

/// <summary>A language model.</summary>
public sealed class TextModel : IDisposable
{
    private const float Deviation = 0.02f;
    private const string WeightsName = "model.safetensors";
    private readonly Embedding _embedding;
    private readonly LearnedPositions? _positions;
    private readonly Linear? _head;
    private readonly IReadOnlyList<int>? _endTokens;
    private PackedMatrix? _tied;

    /// <summary>A model that has learnt nothing.</summary>
    /// <param name="engine">Holds the weights.</param>
    /// <param name="tokenizer">Makes tokens of text.</param>
    /// <param name="options">How it is made.</param>
    /// <param name="seed">What the weights begin with.</param>
    public TextModel(Engine engine, Tokenizer tokenizer, TextModelOptions options, long seed = 0)
        : this(new ParameterTree(engine, seed), tokenizer, options)
    {
    }

    private TextModel(ParameterTree parameters, Tokenizer tokenizer, TextModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Engine, Parameters, Tokenizer, Options) = (parameters.Engine, parameters, tokenizer, options);
        var width = options.Stack.Width;
        _embedding = new Embedding(Parameters.Under("embedding"), Vocabulary + (options.Objective == TextObjective.Masked ? 1 : 0), width, Deviation);
        _positions = options.IsOneMoment ? new LearnedPositions(Parameters, options.Stack.Context, width, Deviation) : null;
        Stack = new LayerStack(Parameters.Under("stack"), options.Stack);
        _head = options.IsTied ? null : new Linear(Parameters.Under("head"), width, Vocabulary, options.HasHeadBias, Deviation * MathF.Sqrt(width), ParameterKind.Table);
    }

    /// <summary>Holds the weights.</summary>
    public Engine Engine { get; }

    /// <summary>Makes tokens of text.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How it is made.</summary>
    public TextModelOptions Options { get; }

    /// <summary>Its weights by name.</summary>
    public ParameterTree Parameters { get; }

    /// <summary>Its layers.</summary>
    public LayerStack Stack { get; }

    /// <summary>
    /// How weights are stored for whatever is computed without gradients, such as speaking; a narrower format is faster and rounds.
    /// Learning and files always have them as they are.
    /// </summary>
    public WeightFormat Format
    {
        get;
        set
        {
            field = value;
            _tied?.Dispose();
            _tied = null;
            foreach (var (_, linear) in Parameters.Linears)
            {
                linear.Format = value;
            }
        }
    }

    /// <summary>The tokens that end a text; where nothing else is said, all special tokens of the tokenizer.</summary>
    public IReadOnlyList<int> EndTokens
    {
        get => _endTokens ?? [.. Tokenizer.AddedTokens.Where(token => token.IsSpecial).Select(token => token.Id)];
        init => _endTokens = value is { Count: > 0 } ? value : null;
    }

    /// <summary>How many tokens it can say.</summary>
    public int Vocabulary => Tokenizer.VocabularySize;

    /// <summary>What stands where a token is hidden; it can't be said.</summary>
    public int MaskToken => Options.Objective == TextObjective.Masked ? Vocabulary : throw new InvalidOperationException("Only a model that learns hidden tokens has a mask.");

    /// <summary>A state in which no text has said anything. It belongs to the caller.</summary>
    /// <param name="rows">How many texts.</param>
    /// <param name="tokens">The most tokens that a text will have, where that is known: caches are no longer than these need. More are an error. 0 for no limit.</param>
    public StackState CreateState(int rows, int tokens = 0) => Options.IsOneMoment
        ? throw new InvalidOperationException("A model whose texts are single moments does not go on token by token.")
        : Stack.CreateState(rows, moments: tokens);

    /// <summary>Scores of tokens [rows, time, vocabulary] for tokens [rows, time]: of the next, or of the one in this place.</summary>
    /// <param name="tokens">Int32.</param>
    /// <param name="state">What was before; afterwards it remembers these tokens too.</param>
    public Tensor Logits(Tensor tokens, StackState? state = null)
    {
        using var scope = Engine.Scope();
        return scope.Keep(Scores(Features(tokens, state)));
    }

    /// <summary>Scores of the next token [rows, vocabulary] after tokens [rows, time], of which only the last place is scored.</summary>
    public Tensor Read(Tensor tokens, StackState state)
    {
        using var unrecorded = Engine.NoGradient();
        using var scope = Engine.Scope();
        var features = Features(tokens, state);
        return scope.Keep(Scores(features.Select(1, tokens.Shape[1] - 1)));
    }

    /// <summary>Scores of the next token [rows, vocabulary] after one token [rows, 1] more.</summary>
    public Tensor Step(Tensor tokens, StackState state)
    {
        using var unrecorded = Engine.NoGradient();
        using var scope = Engine.Scope();
        return scope.Keep(Scores(Stack.Step(_embedding.Apply(tokens), state).Squeeze(1)));
    }

    /// <summary>Writes a folder: model.json, model.safetensors, tokenizer.json. What stood there is replaced, file by file.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Tokenizer.Write(Path.Combine(folder, Tokenizer.FileName));
        TextModelFile.Write(folder, Options, Vocabulary, _endTokens ?? []);
        Parameters.Save(Path.Combine(folder, WeightsName));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static TextModel Load(Engine engine, string folder)
    {
        var file = TextModelFile.Read(folder);
        var path = Path.Combine(folder, Tokenizer.FileName);
        if (!File.Exists(path))
        {
            throw new InvalidFileException(path, "it is missing");
        }

        var tokenizer = Tokenizer.Read(path);
        if (tokenizer.VocabularySize != file.Vocabulary)
        {
            throw new InvalidFileException(path, $"it has {tokenizer.VocabularySize} tokens, the model {file.Vocabulary}");
        }

        var weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights))
        {
            throw new InvalidFileException(weights, "it is missing");
        }

        using var stored = SafetensorsFile.Open(weights);
        var parameters = new ParameterTree(engine, stored);
        try
        {
            var model = new TextModel(parameters, tokenizer, file.Options) { EndTokens = file.EndTokens ?? [] };
            parameters.EndReading();
            return model;
        }
        catch (Exception error)
        {
            parameters.Dispose();
            if (error is ArgumentException or PatternException)
            {
                throw new InvalidFileException(TextModelFile.PathIn(folder), error.Message, innerException: error);
            }

            throw;
        }
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _tied?.Dispose();
        Parameters.Dispose();
    }

    private Tensor Features(Tensor tokens, StackState? state)
    {
        var shape = tokens.Shape; // [rows, time]
        if (shape.Rank != 2)
        {
            throw new ShapeException("text model", shape, "tokens are [rows, time]");
        }

        var x = _embedding.Apply(tokens); // [rows, time, width]
        if (_positions is null)
        {
            return Stack.Apply(x, state);
        }

        if (state is not null || shape[1] > Options.Stack.Context)
        {
            throw new ShapeException("text model", shape, $"a text of one moment has at most {Options.Stack.Context} tokens and no state");
        }

        return Stack.Apply(_positions.Apply(x).Unsqueeze(1)).Squeeze(1); // [rows, 1, slots = time, width]
    }

    private Tensor Scores(Tensor features) =>
        _head is not null ? _head.Apply(features)
        : Options.Objective == TextObjective.Masked ? features.Linear(_embedding.Weight.Slice(0, 0, Vocabulary))
        : Engine.RecordsGradients ? _embedding.Scores(features)
        : features.Linear(_tied ??= new PackedMatrix(_embedding.Weight, Format));
}
