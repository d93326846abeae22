// Adapters on many linear layers of a network at once: trained while the base stays as it is, kept in a file of their own
// that names the base it belongs to, merged into the base for speed and taken out again bit for bit.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>How adapters are made.</summary>
/// <param name="Rank">Of the change that each linear map can learn.</param>
/// <param name="Alpha">The change is scaled by alpha / rank.</param>
public sealed record LowRankOptions(int Rank = 8, float Alpha = 16)
{
    /// <summary>Which linear layers get one, by the end of their names (such as "query"); all where none is named.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
}

/// <summary>Low-rank adapters attached to the linear layers of a network.</summary>
public sealed class LowRankAdapters : IDisposable
{
    private const string FormatName = "umwelt.adapters";
    private const string FormatVersion = "1";

    private readonly List<(Linear Linear, LowRankAdapter Adapter)> _attached = [];
    private readonly List<Tensor> _originals = [];
    private readonly string _base;
    private readonly LowRankOptions _options;

    /// <summary>Attaches an adapter to each linear layer that the options name, and stops training the base.</summary>
    /// <param name="network">The base; its parameters no longer require gradients.</param>
    /// <param name="options">Rank, scale and targets.</param>
    /// <param name="seed">Decides what the adapters begin with.</param>
    public LowRankAdapters(ParameterTree network, LowRankOptions options, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rank, 1, nameof(options));
        if (!float.IsFinite(options.Alpha))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Alpha, "Alpha is a number.");
        }

        var targets = TargetsOf(network, options);
        _options = options;
        _base = HashOf(network);
        network.Train(false);
        Tree = new ParameterTree(network.Engine, seed);
        foreach (var (name, linear) in targets)
        {
            var adapter = new LowRankAdapter(Tree.Under(name), linear, options.Rank, options.Alpha);
            linear.Adapter = adapter;
            _attached.Add((linear, adapter));
        }
    }

    /// <summary>The adapters' own parameters: what is trained.</summary>
    public ParameterTree Tree { get; }

    /// <summary>Whether the base's weights hold the adapters now.</summary>
    public bool IsMerged => _originals.Count > 0;

    /// <summary>Puts the adapters into the base's weights, so that they cost nothing. The base is kept aside for <see cref="Unmerge"/>.</summary>
    public void Merge()
    {
        if (IsMerged)
        {
            return;
        }

        foreach (var (linear, adapter) in _attached)
        {
            using (Tree.Engine.NoGradient())
            {
                _originals.Add(linear.Weight.Clone().Hold());
            }

            adapter.MergeInto(linear.Weight);
            linear.Adapter = null;
        }
    }

    /// <summary>Gives the base its own weights back, bit for bit.</summary>
    public void Unmerge()
    {
        for (var i = 0; i < _originals.Count; i++)
        {
            var (linear, adapter) = _attached[i];
            using (Tree.Engine.NoGradient())
            {
                linear.Weight.CopyFrom(_originals[i]);
            }

            _originals[i].Dispose();
            linear.Adapter = adapter;
        }

        _originals.Clear();
    }

    /// <summary>Writes the adapters to a file of their own, with the hash of the base.</summary>
    public void Save(string path) => TensorFile.Save(path, Tree.Parameters, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["format"] = FormatName,
        ["version"] = FormatVersion,
        ["base"] = _base,
        ["rank"] = _options.Rank.ToString(CultureInfo.InvariantCulture),
        ["alpha"] = _options.Alpha.ToString("R", CultureInfo.InvariantCulture),
        ["targets"] = string.Join(' ', _options.Targets),
    });

    /// <summary>Attaches the adapters of a file to the network they were trained on.</summary>
    /// <exception cref="InvalidFileException">The file holds no adapters, or those of another base.</exception>
    public static LowRankAdapters Load(string path, ParameterTree network)
    {
        ArgumentNullException.ThrowIfNull(network);
        LowRankOptions options;
        using (var file = SafetensorsFile.Open(path))
        {
            if (Of("format") != FormatName)
            {
                throw new InvalidFileException(path, "it holds no adapters");
            }

            if (Of("version") != FormatVersion)
            {
                throw new InvalidFileException(path, $"it has version '{Of("version")}' of the format; this program reads {FormatVersion}");
            }

            if (Of("base") != HashOf(network))
            {
                throw new InvalidFileException(path, "its adapters belong to another network than this one, or this one has been changed since");
            }

            if (!int.TryParse(Of("rank"), CultureInfo.InvariantCulture, out var rank) || rank < 1
                || !float.TryParse(Of("alpha"), CultureInfo.InvariantCulture, out var alpha) || !float.IsFinite(alpha))
            {
                throw new InvalidFileException(path, "its rank or alpha is no number");
            }

            // What the file says of itself decides how much is made, so it has to be what it holds.
            if (!file.Tensors.Any(tensor => tensor.Key.EndsWith(".down", StringComparison.Ordinal) && tensor.Value.Shape is [var held, _] && held == rank))
            {
                throw new InvalidFileException(path, $"it says that its adapters have rank {rank}, and holds none of that rank");
            }

            options = new LowRankOptions(rank, alpha) { Targets = Of("targets")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [] };

            string? Of(string key) => file.Metadata.TryGetValue(key, out var value) ? value : null;
        }

        LowRankAdapters? adapters = null;
        try
        {
            adapters = new LowRankAdapters(network, options);
            adapters.Tree.Load(path);
            return adapters;
        }
        catch (ArgumentException error)
        {
            throw new InvalidFileException(path, error.Message);
        }
        catch
        {
            adapters?.Dispose();
            throw;
        }
    }

    /// <summary>Names the exact weights of a network.</summary>
    public static string HashOf(ParameterTree network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in network.Parameters)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.Shape}\n"));
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensor.ToArray<float>().AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Takes the adapters off the network, which is then its base again, and frees them.</summary>
    public void Dispose()
    {
        Unmerge();
        foreach (var (linear, adapter) in _attached)
        {
            if (ReferenceEquals(linear.Adapter, adapter))
            {
                linear.Adapter = null;
            }
        }

        _attached.Clear();
        Tree.Dispose();
    }

    private static List<KeyValuePair<string, Linear>> TargetsOf(ParameterTree network, LowRankOptions options)
    {
        var targets = network.Linears.Where(linear => options.Targets.Count == 0 || options.Targets.Any(target => IsTarget(linear.Key, target))).ToList();
        if (targets.Count == 0)
        {
            throw new ArgumentException(
                $"No linear layer is named {string.Join(" or ", options.Targets)}; there are {string.Join(", ", network.Linears.Select(linear => linear.Key))}.", nameof(options));
        }

        var adapted = targets.Find(target => target.Value.Adapter is not null);
        return adapted.Value is null ? targets : throw new InvalidOperationException($"'{adapted.Key}' has an adapter already; merge or dispose that one first.");
    }

    private static bool IsTarget(string name, string target) =>
        name.Equals(target, StringComparison.Ordinal) || name.EndsWith($".{target}", StringComparison.Ordinal);
}
