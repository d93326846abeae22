// Makes what the writer takes from what callers have: arrays with a value a row, lists of one length, lists of any length, text.
using System.Text;

namespace Umwelt.Moments.Importers.Parquet;

internal static class ParquetColumns
{
    /// <summary>A value in each row.</summary>
    public static ParquetValues Flat<T>(ParquetField leaf, T[] values) => new(leaf, values.Length, values.Length, [], All(values.Length), values);

    /// <summary>A value in some of the rows.</summary>
    public static ParquetValues Flat<T>(ParquetField leaf, T[] values, bool[] present) => new(leaf, values.Length, values.Length, [], present, values);

    /// <summary>Text in each row; null is absent.</summary>
    public static ParquetValues Text(ParquetField leaf, IReadOnlyList<string?> texts)
    {
        var (values, present) = Encode(texts);
        return new ParquetValues(leaf, values.Length, values.Length, [], present, values);
    }

    /// <summary>A list of texts in each row.</summary>
    public static ParquetValues TextLists(ParquetField leaf, IReadOnlyList<IReadOnlyList<string>> lists)
    {
        var offsets = new int[lists.Count + 1];
        var texts = new List<string>();
        for (var i = 0; i < lists.Count; i++)
        {
            texts.AddRange(lists[i]);
            offsets[i + 1] = texts.Count;
        }

        var (values, present) = Encode(texts);
        return new ParquetValues(leaf, lists.Count, values.Length, [new ParquetLists(offsets, All(lists.Count))], present, values);
    }

    /// <summary>Nested lists with these lengths at each level, the same in all rows.</summary>
    public static ParquetValues Lists<T>(ParquetField leaf, T[] values, int rows, params ReadOnlySpan<int> lengths)
    {
        var lists = new ParquetLists[lengths.Length];
        var count = rows;
        for (var level = 0; level < lengths.Length; level++)
        {
            var offsets = new int[count + 1];
            for (var i = 0; i <= count; i++)
            {
                offsets[i] = i * lengths[level];
            }

            lists[level] = new ParquetLists(offsets, All(count));
            count = checked(count * lengths[level]);
        }

        return count == values.Length
            ? new ParquetValues(leaf, rows, count, lists, All(count), values)
            : throw new ArgumentException($"{count} values are wanted, {values.Length} are given.", nameof(values));
    }

    private static (ReadOnlyMemory<byte>[] Values, bool[] Present) Encode(IReadOnlyList<string?> texts)
    {
        var values = new ReadOnlyMemory<byte>[texts.Count];
        var present = new bool[texts.Count];
        for (var i = 0; i < values.Length; i++)
        {
            present[i] = texts[i] is not null;
            values[i] = Encoding.UTF8.GetBytes(texts[i] ?? "");
        }

        return (values, present);
    }

    private static bool[] All(int count)
    {
        var present = new bool[count];
        Array.Fill(present, true);
        return present;
    }
}
