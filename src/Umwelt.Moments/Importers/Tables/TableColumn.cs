// What one column of a table turned out to hold once every row was looked at, in bounded memory however long the table is.
using System.Text;

namespace Umwelt.Moments.Importers.Tables;

internal sealed class TableColumn(string name)
{
    /// <summary>The most different texts that are kept, and how long they may be.</summary>
    public const int MostTexts = 1024;
    private const int LongestText = 64;

    public string Name => name;

    /// <summary>Cells that hold something.</summary>
    public long Present { get; private set; }

    /// <summary>Cells that hold nothing, NaN and infinity included.</summary>
    public long Missing { get; set; }

    /// <summary>Of these, how many say NaN or infinity.</summary>
    public long NotFinite { get; private set; }

    /// <summary>The first line on which nothing stands.</summary>
    public long FirstMissing { get; set; }

    public long Numbers { get; private set; }

    /// <summary>Cells that say true or false in words.</summary>
    public long Truths { get; private set; }

    public long DecimalCommas { get; private set; }

    public bool IsWhole { get; private set; } = true;

    public double Least { get; private set; } = double.PositiveInfinity;

    public double Most { get; private set; } = double.NegativeInfinity;

    /// <summary>The first cell that is no number, and its line.</summary>
    public (string Text, long Line)? FirstWord { get; private set; }

    /// <summary>Whether empty text stands somewhere, which no category is.</summary>
    public bool HasEmptyText { get; private set; }

    /// <summary>Episodes whose first row lacks it, and whose last row does.</summary>
    public int MissingFirst { get; private set; }

    public int MissingLast { get; private set; }

    /// <summary>The different texts, or null where there are too many.</summary>
    public HashSet<string>? Texts { get; private set; } = new(StringComparer.Ordinal);

    private bool IsPresentNow { get; set; }

    public bool IsNumeric => Present > 0 && Numbers == Present;

    public bool IsTruth => Present > 0 && Truths == Present;

    public void Add(ReadOnlySpan<byte> text, CellForm form, long line)
    {
        IsPresentNow = false;
        if (form == CellForm.Missing || (text.Length > 0 && CellText.MeansNothing(text)))
        {
            Missing++;
            FirstMissing = FirstMissing == 0 ? line : FirstMissing;
            NotFinite += CellText.IsNotFinite(text) ? 1 : 0;
            return;
        }

        Present++;
        IsPresentNow = true;
        if (CellText.TryNumber(text, out var number))
        {
            Numbers++;
            IsWhole &= number == Math.Floor(number) && Math.Abs(number) < 1e15;
            Least = Math.Min(Least, number);
            Most = Math.Max(Most, number);
            return;
        }

        FirstWord ??= (CellText.Shown(text), line);
        Truths += CellText.Truth(text) is null ? 0 : 1;
        DecimalCommas += CellText.HasDecimalComma(text) ? 1 : 0;
        HasEmptyText |= text.IsEmpty;
        Keep(text);
    }

    public void BeginEpisode() => MissingFirst += IsPresentNow ? 0 : 1;

    public void EndEpisode() => MissingLast += IsPresentNow ? 0 : 1;

    private void Keep(ReadOnlySpan<byte> text)
    {
        if (Texts is null)
        {
            return;
        }

        Span<char> letters = stackalloc char[LongestText];
        if (text.Length > LongestText)
        {
            Texts = null;
            return;
        }

        var length = Encoding.UTF8.GetChars(text, letters);
        if (!Texts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(letters[..length]))
        {
            Texts = Texts.Count < MostTexts && Texts.Add(letters[..length].ToString()) ? Texts : null;
        }
    }
}
