// A column of the rows being exported: its feature in info.json, its field in Parquet, and the values of the rows not yet written.
// A feature of shape [1] is a plain value, others are lists as deep as their shape.
using System.Collections.Immutable;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Moments.Exporters.LeRobot;

internal abstract class LeRobotOutput(string name, string type, ImmutableArray<int> shape)
{
    public string Name => name;

    /// <summary>The numpy name, or <c>string</c>, <c>image</c>, <c>video</c>.</summary>
    public string Type => type;

    public ImmutableArray<int> Shape => shape;

    public ImmutableArray<string> Names { get; init; }

    /// <summary>How it stands in Parquet; null where it stands in videos alone.</summary>
    public abstract ParquetField? Field { get; }

    /// <summary>About how many bytes wait to be written.</summary>
    public abstract long Bytes { get; }

    /// <summary>Hands over what waits, a leaf at a time.</summary>
    public abstract void Take(List<ParquetValues> columns);

    /// <summary>The lengths of lists at each level; none for a plain value.</summary>
    protected int[] Lengths => shape is [1] ? [] : [.. shape];

    protected static ParquetField FieldOf(string name, ImmutableArray<int> shape, ParquetType type, ParquetLogicalType logical = default)
    {
        if (shape is [1])
        {
            return ParquetField.Leaf(name, type, logical: logical);
        }

        var field = ParquetField.Leaf("element", type, logical: logical);
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            field = ParquetField.List(i == 0 ? name : "element", field);
        }

        return field;
    }
}

/// <summary>Numbers and truth values.</summary>
internal sealed class LeRobotNumbers<T>(string name, string type, ImmutableArray<int> shape, ParquetType stored, ParquetLogicalType logical = default)
    : LeRobotOutput(name, type, shape)
    where T : unmanaged
{
    private readonly List<T> _values = [];
    private int _rows;

    public override ParquetField Field { get; } = FieldOf(name, shape, stored, logical);

    public override unsafe long Bytes => (long)_values.Count * sizeof(T);

    public void Add(T value)
    {
        _values.Add(value);
        _rows++;
    }

    public void Add(ReadOnlySpan<T> row)
    {
        _values.AddRange(row);
        _rows++;
    }

    public override void Take(List<ParquetValues> columns)
    {
        columns.Add(ParquetColumns.Lists(Field.OnlyLeaf()!, _values.ToArray(), _rows, Lengths));
        _values.Clear();
        _rows = 0;
    }
}

internal sealed class LeRobotTexts(string name) : LeRobotOutput(name, "string", [1])
{
    private readonly List<string?> _texts = [];
    private long _bytes;

    public override ParquetField Field { get; } = ParquetField.Text(name);

    public override long Bytes => _bytes;

    public void Add(string text)
    {
        _texts.Add(text);
        _bytes += (2 * text.Length) + 16;
    }

    public override void Take(List<ParquetValues> columns)
    {
        columns.Add(ParquetColumns.Text(Field, _texts));
        _texts.Clear();
        _bytes = 0;
    }
}

/// <summary>Pictures within the rows, as PNG: nothing is lost.</summary>
internal sealed class LeRobotPictures(string name, ImageChannel image) : LeRobotOutput(name, "image", image.Shape)
{
    private readonly List<ReadOnlyMemory<byte>> _files = [];

    public override ParquetField Field { get; } = ParquetField.Struct(name, ParquetField.Leaf("bytes", ParquetType.ByteArray), ParquetField.Text("path"));

    public override long Bytes => _files.Sum(file => (long)file.Length);

    public void Add(ReadOnlySpan<byte> pixels)
    {
        using var file = new MemoryStream();
        Png.Write(file, pixels, image.Width, image.Height, (PngLayout)image.Colours, System.IO.Compression.CompressionLevel.Fastest);
        _files.Add(file.ToArray());
    }

    public override void Take(List<ParquetValues> columns)
    {
        columns.Add(ParquetColumns.Flat(Field.Children[0], _files.ToArray()));
        columns.Add(ParquetColumns.Text(Field.Children[1], new string?[_files.Count]));
        _files.Clear();
    }
}

/// <summary>Pictures in videos; a feature without a column.</summary>
internal sealed class LeRobotFilm(string name, ImageChannel image) : LeRobotOutput(name, "video", image.Shape)
{
    public ImageChannel Image => image;

    public override ParquetField? Field => null;

    public override long Bytes => 0;

    public override void Take(List<ParquetValues> columns)
    {
    }
}
