// What a Parquet file may ask of its reader. Counts in a file are claims: run lengths and compression let a few bytes stand for
// billions of values, so that memory is bounded by these limits and by what the caller asks for, never by what the file says.
namespace Umwelt.Moments.Importers.Parquet;

internal sealed record ParquetLimits
{
    public static ParquetLimits Default { get; } = new();

    /// <summary>The most bytes of one page, unpacked. Writers make pages of about a megabyte; one embedded picture may be tens of them.</summary>
    public int MostPageBytes { get; init; } = 1 << 28;

    /// <summary>The most bytes of the footer, which holds the schema and the place of every column chunk.</summary>
    public int MostFooterBytes { get; init; } = 1 << 28;

    /// <summary>The most list elements in one row of one column.</summary>
    public int MostRowValues { get; init; } = 1 << 24;
}
