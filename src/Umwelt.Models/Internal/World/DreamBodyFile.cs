// A dream on a disk: the backbone's state, what is remembered beside it, and the numbers of each row, in one safetensors file.
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

internal sealed partial class DreamBody
{
    private const string StatePrefix = "backbone.";
    private const string MemoryPrefix = "memory.";
    private const string RowsName = "rows";

    /// <summary>Writes everything; what is running is for whoever asks later.</summary>
    public void Save(string path, Func<int, bool> isRunning)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        var numbers = new long[Rows * NumbersOfRow];
        for (var row = 0; row < Rows; row++)
        {
            var at = numbers.AsSpan(row * NumbersOfRow, NumbersOfRow);
            (at[0], at[1], at[2]) = (_seeds[row], _moments[row], isRunning(row) ? 1 : 0);
            for (var c = 0; c < _seen.Length; c++)
            {
                at[3 + c] = (long)_seen[c][row];
            }
        }

        var rows = KeyValuePair.Create(RowsName, _model.Engine.From(numbers, [Rows, NumbersOfRow]));
        TensorFile.Save(path, [.. _state.Named(StatePrefix), .. _memory.Named(MemoryPrefix), rows]);
    }

    /// <summary>Takes over what was written, and gives the rows that were running.</summary>
    public List<int> Restore(string path)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        var numbers = _model.Engine.Empty([Rows, NumbersOfRow], DataType.Int64);
        try
        {
            _memory = _memory.Own();
            TensorFile.Load(path, [.. _memory.Named(MemoryPrefix), KeyValuePair.Create(RowsName, numbers)]);
            _state.Load(path, StatePrefix);
        }
        catch (Exception error) when (error is ShapeException or KeyNotFoundException)
        {
            throw new InvalidFileException(path, $"it is no dream of this model with {Rows} rows: {error.Message}", innerException: error);
        }

        var running = new List<int>();
        var read = numbers.ToArray<long>();
        for (var row = 0; row < Rows; row++)
        {
            var at = read.AsSpan(row * NumbersOfRow, NumbersOfRow);
            (_seeds[row], _moments[row]) = (at[0], at[1]);
            for (var c = 0; c < _seen.Length; c++)
            {
                _seen[c][row] = Math.Clamp(at[3 + c], (long)Missing, (long)Own);
            }

            if (at[2] != 0)
            {
                running.Add(row);
            }
        }

        return running;
    }

    private int NumbersOfRow => 3 + _seen.Length;
}
