// What a stack remembers: the states of its time layers, which live and die row by row together.
using System.Collections.Immutable;
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>The memory of a stack, row by row. Dispose it to free its tensors.</summary>
public sealed class StackState : IDisposable
{
    internal StackState(int rows, int slots, ImmutableArray<MixerState?> layers)
    {
        Rows = rows;
        Slots = slots;
        Layers = layers;
    }

    /// <summary>How many sessions it remembers.</summary>
    public int Rows { get; }

    /// <summary>Slots of a moment.</summary>
    public int Slots { get; }

    /// <summary>The states of the layers; null where a layer mixes over space.</summary>
    public ImmutableArray<MixerState?> Layers { get; }

    /// <summary>Bytes of its tensors; what forks share counts for each.</summary>
    public long Bytes => Layers.Sum(layer => layer?.Bytes ?? 0);

    /// <summary>A state that goes its own way from here; tensors are shared until one of the two writes them.</summary>
    public StackState Fork() => new(Rows, Slots, [.. Layers.Select(layer => layer?.Fork())]);

    /// <summary>A new state of these rows in this order; a row may be named many times.</summary>
    public StackState Gather(ReadOnlySpan<int> rows)
    {
        var layers = ImmutableArray.CreateBuilder<MixerState?>(Layers.Length);
        foreach (var layer in Layers)
        {
            layers.Add(layer?.Gather(rows));
        }

        return new StackState(rows.Length, Slots, layers.MoveToImmutable());
    }

    /// <summary>Overwrites rows of this state: row i of the source goes to the i-th of these rows.</summary>
    public void Scatter(StackState source, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Layers.Length != Layers.Length)
        {
            throw new ArgumentException($"A state of {source.Layers.Length} layers does not go into one of {Layers.Length}.", nameof(source));
        }

        for (var i = 0; i < Layers.Length; i++)
        {
            Layers[i]?.Scatter(source.Layers[i]!, rows);
        }
    }

    /// <summary>Makes a row forget everything.</summary>
    public void Reset(int row)
    {
        foreach (var layer in Layers)
        {
            layer?.Reset(row);
        }
    }

    /// <summary>Cuts the state off from what it was computed from: no gradient goes back any further.</summary>
    public void Detach()
    {
        foreach (var layer in Layers)
        {
            layer?.Detach();
        }
    }

    /// <summary>Its tensors with their names, such as "layers.0.keys": what a file holds of it.</summary>
    /// <param name="prefix">Before each name.</param>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Named(string prefix = "") =>
        [.. Layers.SelectMany((layer, i) => layer?.Named($"{prefix}layers.{i}.") ?? [])];

    /// <summary>Writes the state to a safetensors file.</summary>
    public void Save(string path) => TensorFile.Save(path, Named());

    /// <summary>Reads what <see cref="Save"/> wrote from a state of the same stack, rows and slots; or what another wrote with <see cref="Named"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">Before each name.</param>
    public void Load(string path, string prefix = "")
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            Layers[i]?.Load(path, $"{prefix}layers.{i}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer?.Dispose();
        }
    }
}
