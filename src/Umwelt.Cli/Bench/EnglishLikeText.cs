// Text like English for measuring tokenizers where no book is at hand, the same for the same seed: frequent words are real ones, rare
// words are made of syllables, and how often a word comes falls with its rank as in real text (Zipf). Names, numbers, compounds,
// quotations and line ends stand among them. It is no language: it only asks of a tokenizer what English asks.
using System.Globalization;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Cli.Bench;

internal sealed class EnglishLikeText
{
    private const int Words = 60_000;
    private const int Names = 4_000;

    // Zipf–Mandelbrot: the flattening of the first ranks that English shows.
    private const double Flattening = 2.7;

    private const string Frequent =
        "the of and to a in that it is was he for with as his on be at by i this had not are but from or have an they which one you were her all she there would "
        + "their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first "
        + "any my now such like our over man me even most made after also did many before must through back years where much your way well down should because each just "
        + "those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last "
        + "might us great old year off come since against go came right used take three small house without place found head again thought looked hand eyes water night door "
        + "room light voice side country morning white children words fire night river mother father heart table garden stone letter paper horse winter summer music question answer";

    private static readonly string[] Onsets = ["", "b", "bl", "br", "c", "ch", "cl", "cr", "d", "dr", "f", "fl", "g", "gr", "h", "j", "l", "m", "n", "p", "ph", "pl", "pr", "qu", "r", "s", "sc", "sh", "sp", "st", "str", "t", "th", "tr", "v", "w", "wh"];
    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oa", "ou", "y", "ie"];
    private static readonly string[] Codas = ["", "", "", "n", "r", "l", "s", "t", "d", "m", "ck", "nd", "nt", "rt", "st", "sh", "ll", "ng"];
    private static readonly string[] Suffixes = ["", "", "", "", "s", "ed", "ing", "er", "ly", "ness", "tion", "able", "ment", "'s", "ful"];

    private readonly string[] _words;
    private readonly string[] _names;
    private readonly double[] _shares;

    public EnglishLikeText()
    {
        var stream = RandomStream.Of(71);
        var words = new List<string>(Frequent.Split(' ').Distinct(StringComparer.Ordinal));
        var seen = new HashSet<string>(words, StringComparer.Ordinal);
        while (words.Count < Words)
        {
            var word = Syllables(ref stream) + Suffixes[stream.NextInt32(Suffixes.Length)];
            if (word.Length > 1 && seen.Add(word))
            {
                words.Add(word);
            }
        }

        _words = [.. words];
        _names = [.. Enumerable.Range(0, Names).Select(_ => Capital(Syllables(ref stream)))];
        _shares = new double[Words];
        var total = 0.0;
        for (var rank = 0; rank < Words; rank++)
        {
            total += 1 / (rank + Flattening);
            _shares[rank] = total;
        }
    }

    /// <summary>At least this many bytes of whole paragraphs, in UTF-8.</summary>
    public byte[] Write(long seed, int bytes)
    {
        var stream = RandomStream.Of(seed, 1);
        var text = new StringBuilder(bytes + 4096);
        while (text.Length < bytes)
        {
            for (var sentences = 2 + stream.NextInt32(6); sentences > 0; sentences--)
            {
                Sentence(text, ref stream);
                text.Append(sentences > 1 ? ' ' : '\n');
            }

            text.Append('\n', stream.NextInt32(2));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Capital(string word) => word.Length == 0 ? "A" : char.ToUpperInvariant(word[0]) + word[1..];

    private static string Syllables(ref RandomStream stream)
    {
        var word = new StringBuilder();
        for (var count = 1 + stream.NextInt32(3); count > 0; count--)
        {
            word.Append(Onsets[stream.NextInt32(Onsets.Length)]).Append(Vowels[stream.NextInt32(Vowels.Length)]).Append(Codas[stream.NextInt32(Codas.Length)]);
        }

        return word.ToString();
    }

    private void Sentence(StringBuilder text, ref RandomStream stream)
    {
        var isSpoken = stream.NextInt32(8) == 0;
        text.Append(isSpoken ? "\"" : "").Append(Capital(Word(ref stream)));
        for (var count = 4 + stream.NextInt32(20); count > 0; count--)
        {
            text.Append(stream.NextInt32(12) == 0 ? ", " : " ");
            switch (stream.NextInt32(40))
            {
                case 0:
                    text.Append(_names[stream.NextInt32(Names)]);
                    break;
                case 1:
                    text.Append(CultureInfo.InvariantCulture, $"{stream.NextInt32(2100)}");
                    break;
                case 2:
                    text.Append(CultureInfo.InvariantCulture, $"{stream.NextInt32(100)}.{stream.NextInt32(100):00}");
                    break;
                case 3:
                    text.Append(Word(ref stream)).Append('-').Append(Word(ref stream));
                    break;
                case 4:
                    text.Append('(').Append(Word(ref stream)).Append(')');
                    break;
                case 5:
                    text.Append(Word(ref stream)).Append(stream.NextInt32(2) == 0 ? "n't" : "'ll");
                    break;
                default:
                    text.Append(Word(ref stream));
                    break;
            }
        }

        text.Append(stream.NextInt32(10) switch { 0 => "?", 1 => "!", 2 => "; so it was.", 3 => "...", _ => "." }).Append(isSpoken ? "\"" : "");
    }

    private string Word(ref RandomStream stream)
    {
        var rank = Array.BinarySearch(_shares, stream.NextDouble() * _shares[^1]);
        return _words[rank < 0 ? Math.Min(~rank, Words - 1) : rank];
    }
}
