// The inverse of ListBuilder: repetition and definition levels of a stretch of rows, from lists and presence.
namespace Umwelt.Moments.Importers.Parquet;

internal sealed class LevelWriter(ParquetValues values)
{
    private readonly List<int> _repetitions = [];
    private readonly List<int> _definitions = [];

    public List<int> Repetitions => _repetitions;

    public List<int> Definitions => _definitions;

    /// <summary>Adds one row's entries.</summary>
    public void Add(int row) => Add(0, row, 0);

    public void Clear()
    {
        _repetitions.Clear();
        _definitions.Clear();
    }

    private void Add(int level, int slot, int repetition)
    {
        var leaf = values.Leaf;
        if (level == values.Lists.Length)
        {
            Entry(repetition, values.Present[slot] ? leaf.MaxDefinition : leaf.Repetition == ParquetRepetition.Optional ? leaf.MaxDefinition - 1
                : throw new ArgumentException($"Column '{leaf.DottedPath}' lacks a value, which it must not."));
            return;
        }

        var lists = values.Lists[level];
        int first = lists.Offsets[slot], end = lists.Offsets[slot + 1];
        if (first == end)
        {
            Entry(repetition, leaf.ListDefinitions[level] - (lists.Present[slot] ? 1 : 2));
            return;
        }

        for (var element = first; element < end; element++)
        {
            Add(level + 1, element, element == first ? repetition : level + 1);
        }
    }

    private void Entry(int repetition, int definition)
    {
        _repetitions.Add(repetition);
        _definitions.Add(definition);
    }
}
