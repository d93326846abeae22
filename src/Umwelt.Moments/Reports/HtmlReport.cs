// A page that holds everything it shows: text, tables, drawings, pictures and sound, with no script and no outside request,
// so that it can be mailed, archived and opened anywhere. All text is escaped here and nowhere else.
using System.Globalization;
using System.Net;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Reports;

internal sealed class HtmlReport
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2024;--dim:#60646c;--page:#fcfcfd;--card:#fff;--line:#e0e1e6;--c0:#3358d4;--c1:#ce2c31;--c2:#218358;--c3:#cc4e00;--c4:#8145b5;--c5:#107d98}
        @media(prefers-color-scheme:dark){:root{--ink:#edeef0;--dim:#b0b4ba;--page:#111113;--card:#18191b;--line:#363a3f;--c0:#9eb1ff;--c1:#ff9592;--c2:#3dd68c;--c3:#ffa057;--c4:#d19dff;--c5:#4ccce6}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:72rem;padding:1.5rem;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
        h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
        p{margin:.25rem 0 .75rem;color:var(--dim)}
        .cards{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
        figure{margin:0;padding:.75rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;max-width:100%}
        figcaption{font-size:.85rem;color:var(--dim);margin-bottom:.35rem}
        img{display:block;max-width:100%;image-rendering:pixelated;border-radius:.25rem}
        svg{display:block;max-width:100%;height:auto}svg text{fill:var(--dim);font:11px system-ui,sans-serif}
        .scroll{overflow-x:auto;margin-bottom:1rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}
        td.n,th.n{text-align:right}audio{display:block;margin-top:.5rem;width:100%}
        """;

    private readonly StringBuilder _body = new();
    private readonly string _title;
    private bool _inCards;

    /// <summary>A page with this heading and a sentence below it.</summary>
    public HtmlReport(string title, string subtitle)
    {
        _title = title;
        _body.Append("<h1>").Append(Escape(title)).Append("</h1>\n<p>").Append(Escape(subtitle)).Append("</p>\n");
    }

    /// <summary>Begins a section.</summary>
    public void Section(string title, string? text = null)
    {
        EndCards();
        _body.Append("<h2>").Append(Escape(title)).Append("</h2>\n");
        if (text is not null)
        {
            Text(text);
        }
    }

    /// <summary>A paragraph.</summary>
    public void Text(string text)
    {
        EndCards();
        _body.Append("<p>").Append(Escape(text)).Append("</p>\n");
    }

    /// <summary>A table; columns that hold only numbers stand to the right.</summary>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        EndCards();
        var numeric = columns.Select((_, i) => rows.Count > 0 && rows.All(row => IsNumber(row[i]))).ToArray();
        _body.Append("<div class=\"scroll\"><table><thead>");
        Row("th", columns, numeric);
        _body.Append("</thead><tbody>\n");
        foreach (var row in rows)
        {
            Row("td", row, numeric);
        }

        _body.Append("</tbody></table></div>\n");
    }

    /// <summary>A drawing.</summary>
    public void Figure(string caption, SvgPlot plot) => Card(caption, plot.ToSvg(caption));

    /// <summary>A picture, enlarged by a whole factor.</summary>
    public void Picture(string caption, ReadOnlySpan<byte> pixels, int width, int height, PngLayout layout, int enlarge = 1)
    {
        using var png = new MemoryStream();
        Png.Write(png, pixels, width, height, layout);
        var source = Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length);
        Card(caption, $"<img alt=\"{Escape(caption)}\" width=\"{width * enlarge}\" height=\"{height * enlarge}\" src=\"data:image/png;base64,{source}\">");
    }

    /// <summary>A sound one can play.</summary>
    public void Sound(string caption, ReadOnlySpan<float> samples, int sampleRate, int ears)
    {
        using var wav = new MemoryStream();
        Wav.Write(wav, samples, sampleRate, ears);
        Card(caption, $"<audio controls src=\"data:audio/wav;base64,{Convert.ToBase64String(wav.GetBuffer(), 0, (int)wav.Length)}\"></audio>");
    }

    /// <summary>Writes the page; a file of this name is replaced at once or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, ToString());

    /// <inheritdoc/>
    public override string ToString()
    {
        EndCards();
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <title>{Escape(_title)}</title><style>
            {Style}
            </style></head><body>
            {_body}</body></html>

            """;
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static bool IsNumber(string cell) =>
        cell.Length == 0 || cell is "–" || double.TryParse(cell.TrimEnd('%').TrimEnd(), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _);

    private void Card(string caption, string content)
    {
        if (!_inCards)
        {
            _body.Append("<div class=\"cards\">\n");
            _inCards = true;
        }

        _body.Append("<figure><figcaption>").Append(Escape(caption)).Append("</figcaption>").Append(content).Append("</figure>\n");
    }

    private void EndCards()
    {
        if (_inCards)
        {
            _body.Append("</div>\n");
            _inCards = false;
        }
    }

    private void Row(string cell, IReadOnlyList<string> values, bool[] numeric)
    {
        _body.Append("<tr>");
        for (var i = 0; i < values.Count; i++)
        {
            _body.Append('<').Append(cell).Append(numeric[i] ? " class=\"n\">" : ">").Append(Escape(values[i])).Append("</").Append(cell).Append('>');
        }

        _body.Append("</tr>\n");
    }
}
