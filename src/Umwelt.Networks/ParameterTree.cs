// The parameters of a network under names that say where they stand, such as "blocks.0.mixer.query.weight". A layer takes a
// branch of the tree in its constructor and registers what it owns, so names, files and optimisers need no reflection.
// What a parameter begins with depends on the seed and its name alone, never on what else there is.
using System.Runtime.InteropServices;
using System.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Networks;

/// <summary>What a parameter is to an optimiser.</summary>
public enum ParameterKind
{
    /// <summary>A linear map between hidden features: decays, and may be orthogonalised.</summary>
    Matrix,

    /// <summary>A table or an output layer: decays, and is no map between hidden features.</summary>
    Table,

    /// <summary>A bias, a gain or another number that must not decay.</summary>
    Scale,
}

/// <summary>A branch of the named parameters of a network. The root owns them all and frees them.</summary>
public sealed class ParameterTree : IDisposable
{
    private readonly Root _root;
    private readonly string _path;

    /// <summary>An empty tree.</summary>
    /// <param name="engine">Holds the parameters.</param>
    /// <param name="seed">With a parameter's name it decides what the parameter begins with.</param>
    public ParameterTree(Engine engine, long seed = 0)
        : this(new Root(engine, seed), "")
    {
    }

    /// <summary>
    /// An empty tree whose parameters are those of a file: what is registered must be there, so that a network never takes more
    /// memory than its file. They are read when the network is complete: by <see cref="EndReading"/>.
    /// </summary>
    /// <param name="engine">Holds the parameters.</param>
    /// <param name="weights">Belongs to the caller, and is used until then.</param>
    public ParameterTree(Engine engine, SafetensorsFile weights)
        : this(new Root(engine, 0) { Weights = weights }, "") => ArgumentNullException.ThrowIfNull(weights);

    private ParameterTree(Root root, string path)
    {
        _root = root;
        _path = path;
    }

    /// <summary>Holds the parameters.</summary>
    public Engine Engine => _root.Engine;

    /// <summary>
    /// Which draw of training this is: with the seed it decides what <see cref="Dropout"/> drops. A trainer sets it before each
    /// forward pass, and not between that and its backward pass.
    /// </summary>
    public long Draw
    {
        get => _root.Draw;
        set
        {
            if (value != _root.Draw)
            {
                _root.Draw = value;
                WriteDropoutState();
            }
        }
    }

    /// <summary>The parameters of this branch by their full names, in the order of their registration.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters =>
        _root.Entries.Where(entry => IsHere(entry.Name)).Select(entry => KeyValuePair.Create(entry.Name, entry.Value));

    /// <summary>How many numbers this branch holds.</summary>
    public long Count => Parameters.Sum(parameter => parameter.Value.Count);

    /// <summary>The linear layers of this branch by their full names: where adapters attach.</summary>
    public IEnumerable<KeyValuePair<string, Linear>> Linears =>
        _root.Linears.Where(linear => IsHere(linear.Key));

    /// <summary>A branch of this branch.</summary>
    public ParameterTree Under(string name) => new(_root, Full(name));

    /// <summary>A branch of this branch for one of many alike.</summary>
    public ParameterTree Under(string name, int index) => Under($"{name}.{index}");

    /// <summary>Registers a parameter that begins with normal numbers of this deviation.</summary>
    public Tensor Normal(string name, Shape shape, float deviation, ParameterKind kind = ParameterKind.Matrix)
    {
        if (_root.Weights is not null)
        {
            return Register(name, [], shape, kind);
        }

        var values = new float[shape.Count];
        var stream = StreamOf(name);
        stream.FillNormal(values);
        foreach (ref var value in values.AsSpan())
        {
            value *= deviation;
        }

        return Register(name, values, shape, kind);
    }

    /// <summary>Registers a parameter that begins with numbers spread evenly between two.</summary>
    public Tensor Uniform(string name, Shape shape, float least, float most, ParameterKind kind = ParameterKind.Matrix)
    {
        if (_root.Weights is not null)
        {
            return Register(name, [], shape, kind);
        }

        var values = new float[shape.Count];
        var stream = StreamOf(name);
        stream.FillUniform(values);
        foreach (ref var value in values.AsSpan())
        {
            value = least + (value * (most - least));
        }

        return Register(name, values, shape, kind);
    }

    /// <summary>Registers a parameter whose numbers all begin alike.</summary>
    public Tensor Constant(string name, Shape shape, float value, ParameterKind kind = ParameterKind.Scale)
    {
        if (_root.Weights is not null)
        {
            return Register(name, [], shape, kind);
        }

        var values = new float[shape.Count];
        Array.Fill(values, value);
        return Register(name, values, shape, kind);
    }

    /// <summary>Registers a parameter with the numbers it begins with.</summary>
    public Tensor Register(string name, ReadOnlySpan<float> values, Shape shape, ParameterKind kind)
    {
        var full = Full(name);
        if (!_root.Names.Add(full))
        {
            throw new ArgumentException($"The parameter '{full}' is registered already.", nameof(name));
        }

        var tensor = _root.Weights is { } weights ? Unread(weights, full, shape) : Engine.Parameter(values, shape);
        _root.Entries.Add(new Entry(full, tensor, kind));
        return tensor;
    }

    /// <summary>The random numbers that a parameter of this name begins with.</summary>
    public RandomStream StreamOf(string name)
    {
        // Names become numbers by their own bytes, so that equal names begin alike in every program.
        var bytes = Encoding.UTF8.GetBytes(Full(name));
        var numbers = new long[1 + ((bytes.Length + 7) / 8)];
        numbers[0] = _root.Seed;
        bytes.CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan(1)));
        return RandomStream.Of(numbers);
    }

    /// <summary>The parameters that require gradients, grouped by how an optimiser treats them: only matrices and tables decay.</summary>
    public IReadOnlyList<ParameterGroup> Groups()
    {
        return
        [
            .. new[] { ParameterKind.Matrix, ParameterKind.Table, ParameterKind.Scale }
                .Select(kind => new ParameterGroup([.. _root.Entries
                    .Where(entry => entry.Kind == kind && entry.Value.RequiresGradient && IsHere(entry.Name))
                    .Select(entry => new Parameter(entry.Name, entry.Value))])
                {
                    DecayScale = kind == ParameterKind.Scale ? 0 : 1,
                    IsHidden = kind == ParameterKind.Matrix,
                })
                .Where(group => group.Parameters.Count > 0),
        ];
    }

    /// <summary>Says whether the parameters of this branch are trained.</summary>
    public void Train(bool trained)
    {
        foreach (var (_, tensor) in Parameters)
        {
            var parameter = tensor;
            parameter.RequiresGradient = trained;
        }
    }

    /// <summary>Writes the parameters of this branch to a safetensors file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="precision">How numbers are kept: as they are, or in half as many bytes.</param>
    public void Save(string path, DataType precision = DataType.Float32) => TensorFile.Save(path, Parameters, precision: precision);

    /// <summary>Reads what <see cref="Save"/> wrote: every parameter of this branch must be in the file, and nothing else.</summary>
    /// <exception cref="InvalidFileException">A parameter is missing, has another shape, or is not of this network.</exception>
    public void Load(string path)
    {
        using (var file = SafetensorsFile.Open(path))
        {
            var names = Parameters.Select(parameter => parameter.Key).ToHashSet(StringComparer.Ordinal);
            var missing = names.FirstOrDefault(name => !file.Tensors.ContainsKey(name));
            if (missing is not null)
            {
                throw new InvalidFileException(path, $"it lacks '{missing}', which this network has");
            }

            var foreign = file.Tensors.Keys.FirstOrDefault(name => !names.Contains(name));
            if (foreign is not null)
            {
                throw new InvalidFileException(path, $"it holds '{foreign}', which this network has not");
            }
        }

        TensorFile.Load(path, Parameters);
    }

    /// <summary>Reads those parameters of this branch that a file holds in the same shape; the others stay as they are.</summary>
    /// <returns>How many numbers were read.</returns>
    public long LoadWhatFits(string path)
    {
        using var file = SafetensorsFile.Open(path);
        KeyValuePair<string, Tensor>[] fitting = [.. Parameters.Where(parameter => file.Tensors.TryGetValue(parameter.Key, out var entry) && Fits(entry, parameter.Value))];
        TensorFile.Load(path, fitting);
        return fitting.Sum(parameter => parameter.Value.Count);
    }

    /// <summary>The network whose parameters are those of a file is complete: reads them. Nothing else may be in the file.</summary>
    /// <exception cref="InvalidFileException">Something else is.</exception>
    public void EndReading()
    {
        var weights = _root.Weights ?? throw new InvalidOperationException("This tree reads no file.");
        _root.Weights = null;
        var foreign = weights.Tensors.Keys.FirstOrDefault(name => !_root.Names.Contains(name));
        if (foreign is not null)
        {
            throw new InvalidFileException(weights.Path, $"it holds '{foreign}', which this network has not");
        }

        TensorFile.Load(weights.Path, Parameters);
    }

    // Whole numbers have no place among parameters, so types need no look.
    private static bool Fits(SafetensorsEntry entry, Tensor tensor) =>
        entry.Shape.Length == tensor.Shape.Rank && Enumerable.Range(0, entry.Shape.Length).All(i => entry.Shape[i] == tensor.Shape[i]);

    /// <summary>Frees every parameter of the whole tree.</summary>
    public void Dispose()
    {
        foreach (var (_, linear) in _root.Linears)
        {
            linear.Dispose();
        }

        foreach (var convolution in _root.Convolutions)
        {
            convolution.Dispose();
        }

        foreach (var joined in _root.Joined)
        {
            joined.Dispose();
        }

        foreach (var entry in _root.Entries)
        {
            if (entry.Value.IsAlive)
            {
                entry.Value.Dispose();
            }
        }

        if (_root.DropoutState.IsAlive)
        {
            _root.DropoutState.Dispose();
            _root.DropoutState = default;
        }

        _root.Entries.Clear();
        _root.Linears.Clear();
        _root.Convolutions.Clear();
        _root.Joined.Clear();
        _root.Names.Clear();
    }

    /// <summary>Int64 [2]: the seed and the draw.</summary>
    internal Tensor DropoutState
    {
        get
        {
            if (_root.DropoutState.IsDefault)
            {
                _root.DropoutState = Engine.Empty([2], DataType.Int64).Hold();
                WriteDropoutState();
            }

            return _root.DropoutState;
        }
    }

    /// <summary>What a layer of this branch is called in errors: "layers.3.mixer (retention)".</summary>
    internal string NameOf(string kind) => _path.Length == 0 ? kind : $"{_path} ({kind})";

    internal void Register(Linear linear) => _root.Linears.Add(KeyValuePair.Create(_path, linear));

    internal void Register(Convolution convolution) => _root.Convolutions.Add(convolution);

    internal void Register(JoinedLinears joined) => _root.Joined.Add(joined);

    // Zeros in the place of what is read later, since layers may still set what their parameters usually begin with.
    private Tensor Unread(SafetensorsFile weights, string name, Shape shape)
    {
        if (!weights.Tensors.TryGetValue(name, out var entry))
        {
            throw new InvalidFileException(weights.Path, $"it lacks '{name}', which this network has");
        }

        if (entry.Type != SafetensorsType.Float32 || entry.Shape.Length != shape.Rank || !Enumerable.Range(0, shape.Rank).All(i => entry.Shape[i] == shape[i]))
        {
            throw new InvalidFileException(weights.Path, $"'{name}' is {entry.Type.FormatName()} [{string.Join(", ", entry.Shape)}], and this network has {SafetensorsType.Float32.FormatName()} {shape}");
        }

        return Engine.Parameter(Engine.Zeros(shape));
    }

    private void WriteDropoutState()
    {
        if (_root.DropoutState.IsAlive)
        {
            _root.DropoutState.Write<long>([_root.Seed, _root.Draw]);
        }
    }

    private bool IsHere(string name) => _path.Length == 0 || name.Equals(_path, StringComparison.Ordinal)
        || (name.StartsWith(_path, StringComparison.Ordinal) && name[_path.Length] == '.');

    private string Full(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private readonly record struct Entry(string Name, Tensor Value, ParameterKind Kind);

    private sealed record Root(Engine Engine, long Seed)
    {
        public SafetensorsFile? Weights { get; set; }

        public List<Entry> Entries { get; } = [];

        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public List<KeyValuePair<string, Linear>> Linears { get; } = [];

        public List<Convolution> Convolutions { get; } = [];

        public List<JoinedLinears> Joined { get; } = [];

        public Tensor DropoutState { get; set; }

        public long Draw { get; set; }
    }
}
