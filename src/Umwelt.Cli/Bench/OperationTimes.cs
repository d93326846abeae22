// Where the time of a computation goes: seconds and calls of each operation and size of result, as an engine runs them one after
// another. What happens between operations counts for the next one.
using System.Diagnostics;
using Umwelt.Tensors;
using Umwelt.Tensors.Internal;

namespace Umwelt.Cli.Bench;

internal sealed class OperationTimes : OperationInspector
{
    private readonly Dictionary<string, (double Seconds, int Calls)> _times = new(StringComparer.Ordinal);
    private long _start;

    public override void Before(Operation operation, ReadOnlySpan<Tensor> operands) => _start = Stopwatch.GetTimestamp();

    public override void After(Operation operation, Tensor result)
    {
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var name = $"{operation.Name} {result.Shape}";
        var (sum, calls) = _times.GetValueOrDefault(name);
        _times[name] = (sum + seconds, calls + 1);
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>The operations that took longest, a row each: name, milliseconds, calls, per repetition.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows(int repetitions, int most = 60)
    {
        List<IReadOnlyList<string>> rows =
        [
            .. _times.OrderByDescending(pair => pair.Value.Seconds).Take(most)
                .Select(pair => (IReadOnlyList<string>)[pair.Key, Text(pair.Value.Seconds), FormattableString.Invariant($"{pair.Value.Calls / (double)repetitions:0.#}")]),
        ];
        rows.Add(["all", Text(_times.Values.Sum(time => time.Seconds)), FormattableString.Invariant($"{_times.Values.Sum(time => time.Calls) / repetitions}")]);
        return rows;

        string Text(double seconds) => FormattableString.Invariant($"{seconds / repetitions * 1e3:0.000}");
    }
}
