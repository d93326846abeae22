// A stretch of rows of one leaf: values in an array of the stored type, which of them are there, and where each list begins.
// Lists of the outermost level stand at rows, lists of the next at elements of the outer ones, values at elements of the innermost.
// The same form goes into the writer.
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

/// <summary>The lists of one level: list i holds elements Offsets[i] to Offsets[i + 1] of the level below; Present[i] tells an empty list from none.</summary>
internal sealed record ParquetLists(int[] Offsets, bool[] Present)
{
    public int Count => Present.Length;
}

internal sealed record ParquetValues(ParquetField Leaf, int Rows, int Count, ParquetLists[] Lists, bool[] Present, Array Values)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file that errors name; empty for values that come from none.</summary>
    public string Path { get; init; } = "";

    public bool[] Booleans => (bool[])Values;

    public int[] Int32 => (int[])Values;

    /// <summary>Integers of 64 bits, or timestamps stored in 96 as nanoseconds since 1970.</summary>
    public long[] Int64 => (long[])Values;

    public float[] Single => (float[])Values;

    public double[] Double => (double[])Values;

    public ReadOnlyMemory<byte>[] Bytes => (ReadOnlyMemory<byte>[])Values;

    /// <summary>Whether values are numbers or truth values, so that <see cref="Number"/> works.</summary>
    public static bool IsNumeric(ParquetField leaf) => leaf.Logical.Meaning != ParquetMeaning.Decimal
        && (leaf.Type is not (null or ParquetType.ByteArray or ParquetType.FixedLenByteArray)
            || (leaf.Type == ParquetType.FixedLenByteArray && leaf.Logical.Meaning == ParquetMeaning.Float16 && leaf.TypeLength == 2));

    /// <summary>The elements of a row, at any depth of lists: first and count in <see cref="Values"/>.</summary>
    public (int First, int Count) Row(int row)
    {
        int first = row, last = row + 1;
        foreach (var level in Lists)
        {
            first = level.Offsets[first];
            last = level.Offsets[last];
        }

        return (first, last - first);
    }

    /// <summary>A value as a number; an absent one is NaN.</summary>
    public double Number(int index) => !Present[index] ? double.NaN : Values switch
    {
        float[] values => values[index],
        double[] values => values[index],
        bool[] values => values[index] ? 1 : 0,
        int[] values => Leaf.Logical is { Meaning: ParquetMeaning.Integer, Signed: false } ? (uint)values[index] : values[index],
        long[] values => Leaf.Logical is { Meaning: ParquetMeaning.Integer, Signed: false } ? (ulong)values[index] : values[index],
        ReadOnlyMemory<byte>[] values when IsNumeric(Leaf) => (double)BinaryPrimitives.ReadHalfLittleEndian(values[index].Span),
        _ => throw Wrong("holds bytes where numbers are meant"),
    };

    /// <summary>A value as a whole number; an absent one or one with a fraction is an <see cref="InvalidFileException"/>.</summary>
    public long Whole(int index)
    {
        switch (Values)
        {
            case long[] values when Present[index] && (values[index] >= 0 || Leaf.Logical is not { Meaning: ParquetMeaning.Integer, Signed: false }):
                return values[index];
            default:
                var number = Number(index);
                return Math.Abs(number) < 1L << 53 && number == Math.Truncate(number)
                    ? (long)number
                    : throw Wrong(Present[index] ? $"holds {number} where a whole number is meant" : "lacks a value where a whole number is meant");
        }
    }

    /// <summary>A value as text; an absent one is null.</summary>
    public string? Text(int index)
    {
        if (!Present[index])
        {
            return null;
        }

        if (Values is not ReadOnlyMemory<byte>[] values)
        {
            throw Wrong("holds numbers where text is meant");
        }

        var bytes = values[index].Span;
        return Utf8.IsValid(bytes) ? Strict.GetString(bytes) : throw Wrong("holds text that is not UTF-8");
    }

    private InvalidFileException Wrong(string problem) => new(Path, $"column {ParquetPlace.Quote(Leaf.DottedPath)}: {problem}");
}
