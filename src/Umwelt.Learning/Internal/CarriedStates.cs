// What rows of a batch leave behind for the next step: states of a stack, part by part of the batch. A step begins with a fork of
// what was left behind and replaces it only once it is made, so that it can be repeated.
using System.Globalization;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning.Internal;

internal sealed class CarriedStates(Func<int, StackState> create) : IDisposable
{
    private readonly SortedDictionary<int, StackState> _before = [];
    private readonly SortedDictionary<int, StackState> _after = [];

    /// <summary>The state a part of a batch begins with: what its rows left behind, but for those that begin anew.</summary>
    public StackState Enter(int first, ReadOnlySpan<bool> begins)
    {
        if (_after.Remove(first, out var repeated))
        {
            repeated.Dispose();
        }

        var rows = begins.Length;
        var state = _before.TryGetValue(first, out var before) && before.Rows == rows ? before.Fork() : Regathered(first, rows);
        for (var row = 0; row < rows; row++)
        {
            if (begins[row])
            {
                state.Reset(row);
            }
        }

        _after[first] = state;
        return state;
    }

    public void Advance()
    {
        foreach (var state in _before.Values)
        {
            state.Dispose();
        }

        _before.Clear();
        foreach (var (first, state) in _after)
        {
            _before[first] = state;
        }

        _after.Clear();
    }

    public void Save(string path) =>
        TensorFile.Save(path, _before.SelectMany(entry => entry.Value.Named(string.Create(CultureInfo.InvariantCulture, $"{entry.Key}."))));

    public void Load(string path)
    {
        Dispose();
        var rows = new Dictionary<int, int>();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var (name, entry) in file.Tensors)
            {
                if (name.EndsWith("ages", StringComparison.Ordinal))
                {
                    if (!int.TryParse(name.AsSpan(0, name.IndexOf('.', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                        || entry.Shape is not [> 0 and < (1 << 20)])
                    {
                        throw new InvalidFileException(path, $"'{name}' is no carried state of a model");
                    }

                    rows[first] = (int)entry.Shape[0];
                }
            }
        }

        foreach (var (first, count) in rows)
        {
            var state = create(count);
            _before[first] = state;
            state.Load(path, string.Create(CultureInfo.InvariantCulture, $"{first}."));
        }
    }

    /// <summary>Releases what is carried.</summary>
    public void Dispose()
    {
        foreach (var state in _before.Values.Concat(_after.Values))
        {
            state.Dispose();
        }

        _before.Clear();
        _after.Clear();
    }

    // Where this step is cut otherwise than the last one was, or is larger, each row brings along what it left behind.
    private StackState Regathered(int first, int rows)
    {
        var state = create(rows);
        foreach (var (start, before) in _before)
        {
            var (from, to) = (Math.Max(start, first), Math.Min(start + before.Rows, first + rows));
            if (from < to)
            {
                using var part = before.Gather([.. Enumerable.Range(from - start, to - from)]);
                state.Scatter(part, [.. Enumerable.Range(from - first, to - from)]);
            }
        }

        return state;
    }
}
