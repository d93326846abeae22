// Many small pictures of one size in a grid, as one picture.
namespace Umwelt.Moments.Reports;

internal sealed class ContactSheet
{
    private const int Gap = 2;
    private readonly int _columns;
    private readonly int _height;
    private readonly int _width;
    private readonly int _colours;
    private int _count;

    /// <summary>Room for this many pictures; the gaps between them are black, or clear where there is opacity.</summary>
    public ContactSheet(int count, int columns, int height, int width, int colours)
    {
        (_columns, _height, _width, _colours) = (Math.Min(columns, count), height, width, colours);
        var rows = (count + _columns - 1) / _columns;
        Width = (_columns * (width + Gap)) - Gap;
        Height = (rows * (height + Gap)) - Gap;
        Pixels = new byte[checked(Width * Height * colours)];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[height, width, colours].</summary>
    public byte[] Pixels { get; }

    /// <summary>Puts the next picture into its place, row by row.</summary>
    public void Add(ReadOnlySpan<byte> picture)
    {
        var (row, column) = (_count / _columns, _count % _columns);
        for (var y = 0; y < _height; y++)
        {
            var start = ((((row * (_height + Gap)) + y) * Width) + (column * (_width + Gap))) * _colours;
            picture.Slice(y * _width * _colours, _width * _colours).CopyTo(Pixels.AsSpan(start));
        }

        _count++;
    }
}
