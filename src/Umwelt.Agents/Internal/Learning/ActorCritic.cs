// A small network that says what to do and what a moment is worth, apart from each other: numbers as normal distributions whose
// deviation does not depend on the moment, categories as a softmax each. Its first weights are orthogonal, those of what to do
// nearly nothing, so that it begins by chance (Andrychowicz et al., What Matters In On-Policy Reinforcement Learning, 2020).
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Agents.Internal.Learning;

internal sealed class ActorCritic : IDisposable
{
    private const float HalfLogTwoPi = 0.9189385f;
    private readonly CommandSpace _commands;
    private readonly Linear[] _actor;
    private readonly Linear[] _critic;
    private readonly int _numbers;
    private readonly int[] _categories;
    private readonly Tensor _logDeviations;

    /// <summary>A network that has learnt nothing.</summary>
    /// <param name="engine">Holds it.</param>
    /// <param name="features">Numbers of what it looks at.</param>
    /// <param name="commands">What can be done.</param>
    /// <param name="hidden">Features of the hidden layers.</param>
    /// <param name="logDeviation">The logarithm of the deviation of numbers at first.</param>
    /// <param name="seed">What its weights begin with.</param>
    /// <param name="worths">Numbers that say what a moment is worth; several are scores of levels, and equal at first.</param>
    public ActorCritic(Engine engine, int features, CommandSpace commands, IReadOnlyList<int> hidden, double logDeviation, long seed, int worths = 1)
        : this(new ParameterTree(engine, seed), features, commands, hidden, logDeviation, worths, isNew: true)
    {
    }

    /// <summary>A network that was saved.</summary>
    /// <exception cref="InvalidFileException">The file is not of such a network.</exception>
    public ActorCritic(Engine engine, int features, CommandSpace commands, IReadOnlyList<int> hidden, SafetensorsFile weights, int worths = 1)
        : this(new ParameterTree(engine, weights), features, commands, hidden, 0, worths, isNew: false)
    {
        try
        {
            Parameters.EndReading();
        }
        catch
        {
            Parameters.Dispose();
            throw;
        }
    }

    private ActorCritic(ParameterTree parameters, int features, CommandSpace commands, IReadOnlyList<int> hidden, double logDeviation, int worths, bool isNew)
    {
        (Engine, Parameters, _commands) = (parameters.Engine, parameters, commands);
        _numbers = Enumerable.Range(0, commands.Size).Count(d => commands.CategoriesOf(d) == 0);
        _categories = [.. Enumerable.Range(0, commands.Size).Select(commands.CategoriesOf).Where(count => count > 0)];
        Outputs = _numbers + _categories.Sum();
        _actor = Layers("actor", Outputs, 0.01f);
        _critic = Layers("critic", worths, worths > 1 ? 0 : 1);
        _logDeviations = _numbers > 0 ? Parameters.Constant("deviations", [_numbers], (float)logDeviation) : default;

        Linear[] Layers(string name, int outputs, float lastGain)
        {
            int[] sizes = [features, .. hidden, outputs];
            var layers = new Linear[sizes.Length - 1];
            for (var i = 0; i < layers.Length; i++)
            {
                var tree = Parameters.Under(name, i);
                layers[i] = new Linear(tree, sizes[i], sizes[i + 1], bias: true);
                if (isNew)
                {
                    layers[i].Weight.Write<float>(Orthogonal(sizes[i + 1], sizes[i], i == layers.Length - 1 ? lastGain : MathF.Sqrt(2), tree.StreamOf("orthogonal")));
                }
            }

            return layers;
        }
    }

    public Engine Engine { get; }

    public ParameterTree Parameters { get; }

    /// <summary>How many numbers say what to do: means, then scores of each category.</summary>
    public int Outputs { get; }

    /// <summary>What to do, [rows, outputs].</summary>
    public Tensor Act(Tensor features) => Apply(_actor, features);

    /// <summary>What moments are worth, [rows], of a network that says so by one number.</summary>
    public Tensor Value(Tensor features) => Apply(_critic, features).Squeeze(1);

    /// <summary>What moments are worth, as scores of levels, [rows, levels].</summary>
    public Tensor Levels(Tensor features) => Apply(_critic, features);

    /// <summary>Logarithms of how probable commands are, and the entropy of what could be done, [rows] each.</summary>
    /// <param name="outputs">[rows, outputs].</param>
    /// <param name="numbers">[rows, numbers]; default where there are none.</param>
    /// <param name="categories">For each category [rows].</param>
    public (Tensor Logarithm, Tensor Entropy) Probability(Tensor outputs, Tensor numbers, ReadOnlySpan<Tensor> categories)
    {
        Tensor logarithm = default, entropy = default;
        if (_numbers > 0)
        {
            var means = outputs.Slice(1, 0, _numbers);
            var off = (numbers - means) / _logDeviations.Exp();
            logarithm = ((off.Square() * -0.5f) - _logDeviations - HalfLogTwoPi).Sum(1);
            entropy = (_logDeviations + (0.5f + HalfLogTwoPi)).Sum() + Engine.Zeros([outputs.Shape[0]]);
        }

        var at = _numbers;
        for (var c = 0; c < _categories.Length; at += _categories[c++])
        {
            var logits = outputs.Slice(1, at, _categories[c]).Contiguous();
            var logarithms = logits.LogSoftmax();
            var ofOne = -logits.CrossEntropyOfRows(categories[c]);
            var chaos = -(logarithms.Exp() * logarithms).Sum(1);
            logarithm = logarithm.IsDefault ? ofOne : logarithm + ofOne;
            entropy = entropy.IsDefault ? chaos : entropy + chaos;
        }

        return (logarithm, entropy);
    }

    /// <summary>The deviations of numbers, as they are now.</summary>
    public float[] Deviations() => _numbers == 0 ? [] : [.. _logDeviations.ToArray<float>().Select(MathF.Exp)];

    /// <summary>Draws a command from what the network said of a row, or takes the most probable.</summary>
    /// <returns>The logarithm of its probability.</returns>
    public double Draw(ReadOnlySpan<float> outputs, ReadOnlySpan<float> deviations, bool isSure, ref RandomStream random, Span<float> command)
    {
        var (number, at, logarithm) = (0, _numbers, 0.0);
        for (var d = 0; d < _commands.Size; d++)
        {
            var categories = _commands.CategoriesOf(d);
            if (categories == 0)
            {
                var noise = isSure ? 0 : random.NextNormal();
                command[d] = outputs[number] + (deviations[number] * noise);
                logarithm += (-0.5 * noise * noise) - Math.Log(deviations[number]) - HalfLogTwoPi;
                number++;
            }
            else
            {
                var logits = outputs.Slice(at, categories);
                var chosen = isSure ? IndexOfMost(logits) : Choose(logits, random.NextSingle());
                command[d] = chosen;
                logarithm += logits[chosen] - LogSum(logits);
                at += categories;
            }
        }

        return logarithm;
    }

    public void Dispose() => Parameters.Dispose();

    private static Tensor Apply(Linear[] layers, Tensor x)
    {
        for (var i = 0; i < layers.Length; i++)
        {
            x = layers[i].Apply(x);
            x = i < layers.Length - 1 ? x.Tanh() : x;
        }

        return x;
    }

    private static double LogSum(ReadOnlySpan<float> logits)
    {
        var (most, sum) = ((double)logits[IndexOfMost(logits)], 0.0);
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - most);
        }

        return most + Math.Log(sum);
    }

    private static int IndexOfMost(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    private static int Choose(ReadOnlySpan<float> logits, float drawn)
    {
        var (total, sum) = (LogSum(logits), 0.0);
        for (var i = 0; i < logits.Length - 1; i++)
        {
            sum += Math.Exp(logits[i] - total);
            if (drawn < sum)
            {
                return i;
            }
        }

        return logits.Length - 1;
    }

    // Rows, or columns where there are fewer of them, at right angles to each other (Gram and Schmidt, twice for exactness).
    private static float[] Orthogonal(int rows, int columns, float gain, RandomStream random)
    {
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var vectors = new double[count][];
        for (var i = 0; i < count; i++)
        {
            vectors[i] = new double[length];
            for (var k = 0; k < length; k++)
            {
                vectors[i][k] = random.NextNormal();
            }

            for (var pass = 0; pass < 2; pass++)
            {
                for (var j = 0; j < i; j++)
                {
                    var along = Dot(vectors[i], vectors[j]);
                    for (var k = 0; k < length; k++)
                    {
                        vectors[i][k] -= along * vectors[j][k];
                    }
                }
            }

            var norm = Math.Sqrt(Dot(vectors[i], vectors[i]));
            for (var k = 0; k < length; k++)
            {
                vectors[i][k] /= norm;
            }
        }

        var weights = new float[rows * columns];
        for (var i = 0; i < weights.Length; i++)
        {
            var (row, column) = (i / columns, i % columns);
            weights[i] = gain * (float)(rows <= columns ? vectors[row][column] : vectors[column][row]);
        }

        return weights;
    }

    private static double Dot(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var k = 0; k < one.Length; k++)
        {
            sum += one[k] * other[k];
        }

        return sum;
    }
}
