// A standard normal number from a random word w: the value below which a share (w + 1/2) / 2^32 of all normal numbers lies.
// Source: Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), routine PPND16, about 1e-16 in double; its third range is never
// reached here, because no share is nearer to 0 or 1 than 2^-33.
// Only + - * / and square roots of doubles, each rounded once, never fused: equal bits on every processor, vector or scalar.
using System.Runtime.Intrinsics;

namespace Umwelt.Storage.Internal;

internal static class NormalQuantile
{
    // Words below this, and as many at the upper end, have a share further than 0.425 from a half.
    private const uint TailWords = 322122547;
    private const double ShareOfWord = 1.0 / 4294967296.0;

    private const double A0 = 3.3871328727963666080e0, A1 = 1.3314166789178437745e2, A2 = 1.9715909503065514427e3;
    private const double A3 = 1.3731693765509461125e4, A4 = 4.5921953931549871457e4, A5 = 6.7265770927008700853e4;
    private const double A6 = 3.3430575583588128105e4, A7 = 2.5090809287301226727e3;
    private const double B1 = 4.2313330701600911252e1, B2 = 6.8718700749205790830e2, B3 = 5.3941960214247511077e3;
    private const double B4 = 2.1213794301586595867e4, B5 = 3.9307895800092710610e4, B6 = 2.8729085735721942674e4;
    private const double B7 = 5.2264952788528545610e3;

    private const double C0 = 1.42343711074968357734e0, C1 = 4.63033784615654529590e0, C2 = 5.76949722146069140550e0;
    private const double C3 = 3.64784832476320460504e0, C4 = 1.27045825245236838258e0, C5 = 2.41780725177450611770e-1;
    private const double C6 = 2.27238449892691845833e-2, C7 = 7.74545014278341407640e-4;
    private const double D1 = 2.05319162663775882187e0, D2 = 1.67638483018380384940e0, D3 = 6.89767334985100004550e-1;
    private const double D4 = 1.48103976427480074590e-1, D5 = 1.51986665636164571966e-2, D6 = 5.47593808499534494600e-4;
    private const double D7 = 1.05075007164441684324e-9;

    private const double Ln2 = 0.693147180559945309417;
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;
    private const long FractionMask = 0x000FFFFFFFFFFFFF;
    private const long TwoPow52Bits = 0x4330000000000000;
    private const double TwoPow52 = 4503599627370496.0;
    private const double CentralSquare = 0.180625;
    private const double TailShift = 1.6;

    public static float Of(uint word) => (float)(IsTail(word) ? Tail(word) : Central(word));

    /// <summary>The numbers of at most 1024 words.</summary>
    public static void Of(ReadOnlySpan<uint> words, Span<float> destination)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            for (var i = 0; i < words.Length; i++)
            {
                destination[i] = Of(words[i]);
            }

            return;
        }

        // All words by the formula of the middle, then the 15 in 100 of the tails again by theirs.
        var at = 0;
        for (; at <= words.Length - 8; at += 8)
        {
            var low = Central(Widen(Vector128.Create<uint>(words[at..])));
            var high = Central(Widen(Vector128.Create<uint>(words[(at + 4)..])));
            Vector256.Narrow(low, high).CopyTo(destination[at..]);
        }

        for (; at < words.Length; at++)
        {
            destination[at] = (float)Central(words[at]);
        }

        OverwriteTails(words, destination);
    }

    private static void OverwriteTails(ReadOnlySpan<uint> words, Span<float> destination)
    {
        Span<int> places = stackalloc int[words.Length + 8];
        Span<uint> shares = stackalloc uint[words.Length + 8];
        var count = 0;
        for (var i = 0; i < words.Length; i++)
        {
            // Written in any case, kept by moving on: without a branch nobody can foretell.
            places[count] = i;
            shares[count] = Math.Min(words[i], ~words[i]);
            count += IsTail(words[i]) ? 1 : 0;
        }

        shares[count..].Fill(1);
        Span<float> values = stackalloc float[8];
        for (var i = 0; i < count; i += 8)
        {
            var low = Tail(Widen(Vector128.Create<uint>(shares[i..])));
            var high = Tail(Widen(Vector128.Create<uint>(shares[(i + 4)..])));
            Vector256.Narrow(low, high).CopyTo(values);
            for (var j = 0; j < Math.Min(8, count - i); j++)
            {
                var place = places[i + j];
                destination[place] = (words[place] >> 31) == 0 ? -values[j] : values[j];
            }
        }
    }

    private static bool IsTail(uint word) => unchecked(word - TailWords) > uint.MaxValue - (2 * TailWords);

    private static double Central(uint word)
    {
        var q = (word - 2147483647.5) * ShareOfWord;
        var r = CentralSquare - (q * q);
        var above = (((((((((((((A7 * r) + A6) * r) + A5) * r) + A4) * r) + A3) * r) + A2) * r) + A1) * r) + A0;
        var below = (((((((((((((B7 * r) + B6) * r) + B5) * r) + B4) * r) + B3) * r) + B2) * r) + B1) * r) + 1.0;
        return q * above / below;
    }

    private static Vector256<double> Central(Vector256<double> word)
    {
        var q = (word - Vector256.Create(2147483647.5)) * ShareOfWord;
        var r = Vector256.Create(CentralSquare) - (q * q);
        var above = (r * A7) + Vector256.Create(A6);
        above = (above * r) + Vector256.Create(A5);
        above = (above * r) + Vector256.Create(A4);
        above = (above * r) + Vector256.Create(A3);
        above = (above * r) + Vector256.Create(A2);
        above = (above * r) + Vector256.Create(A1);
        above = (above * r) + Vector256.Create(A0);
        var below = (r * B7) + Vector256.Create(B6);
        below = (below * r) + Vector256.Create(B5);
        below = (below * r) + Vector256.Create(B4);
        below = (below * r) + Vector256.Create(B3);
        below = (below * r) + Vector256.Create(B2);
        below = (below * r) + Vector256.Create(B1);
        below = (below * r) + Vector256<double>.One;
        return q * above / below;
    }

    private static double Tail(uint word)
    {
        var share = (Math.Min(word, ~word) + 0.5) * ShareOfWord;
        var r = Math.Sqrt(-Log(share)) - TailShift;
        var above = (((((((((((((C7 * r) + C6) * r) + C5) * r) + C4) * r) + C3) * r) + C2) * r) + C1) * r) + C0;
        var below = (((((((((((((D7 * r) + D6) * r) + D5) * r) + D4) * r) + D3) * r) + D2) * r) + D1) * r) + 1.0;
        var value = above / below;
        return (word >> 31) == 0 ? -value : value;
    }

    // Takes the word or its complement, whichever is less, and gives the number without its sign.
    private static Vector256<double> Tail(Vector256<double> word)
    {
        var share = (word + Vector256.Create(0.5)) * ShareOfWord;
        var r = Vector256.Sqrt(-Log(share)) - Vector256.Create(TailShift);
        var above = (r * C7) + Vector256.Create(C6);
        above = (above * r) + Vector256.Create(C5);
        above = (above * r) + Vector256.Create(C4);
        above = (above * r) + Vector256.Create(C3);
        above = (above * r) + Vector256.Create(C2);
        above = (above * r) + Vector256.Create(C1);
        above = (above * r) + Vector256.Create(C0);
        var below = (r * D7) + Vector256.Create(D6);
        below = (below * r) + Vector256.Create(D5);
        below = (below * r) + Vector256.Create(D4);
        below = (below * r) + Vector256.Create(D3);
        below = (below * r) + Vector256.Create(D2);
        below = (below * r) + Vector256.Create(D1);
        below = (below * r) + Vector256<double>.One;
        return above / below;
    }

    // ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)) with x = m 2^e and m from sqrt(1/2) to sqrt(2); the series ends below 1e-17.
    private static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponentBits = (bits - SqrtHalfBits) >> 52;
        var m = BitConverter.Int64BitsToDouble(bits - (exponentBits << 52));
        var s = (m - 1.0) / (m + 1.0);
        var z = s * s;
        var series = (z * (1.0 / 21)) + (1.0 / 19);
        series = (series * z) + (1.0 / 17);
        series = (series * z) + (1.0 / 15);
        series = (series * z) + (1.0 / 13);
        series = (series * z) + (1.0 / 11);
        series = (series * z) + (1.0 / 9);
        series = (series * z) + (1.0 / 7);
        series = (series * z) + (1.0 / 5);
        series = (series * z) + (1.0 / 3);
        series = (series * z) + 1.0;
        return (exponentBits * Ln2) + (2.0 * s * series);
    }

    private static Vector256<double> Log(Vector256<double> x)
    {
        // Shares are below 1/2, so the exponent is negative and its opposite a small whole number, which the
        // addition of 2^52 turns into a double without a conversion instruction.
        var bits = x.AsInt64();
        var opposite = ((Vector256.Create(SqrtHalfBits) - bits) + Vector256.Create(FractionMask)) >>> 52;
        var m = (bits + (opposite << 52)).AsDouble();
        var exponent = Vector256.Create(TwoPow52) - (opposite | Vector256.Create(TwoPow52Bits)).AsDouble();
        var s = (m - Vector256<double>.One) / (m + Vector256<double>.One);
        var z = s * s;
        var series = (z * (1.0 / 21)) + Vector256.Create(1.0 / 19);
        series = (series * z) + Vector256.Create(1.0 / 17);
        series = (series * z) + Vector256.Create(1.0 / 15);
        series = (series * z) + Vector256.Create(1.0 / 13);
        series = (series * z) + Vector256.Create(1.0 / 11);
        series = (series * z) + Vector256.Create(1.0 / 9);
        series = (series * z) + Vector256.Create(1.0 / 7);
        series = (series * z) + Vector256.Create(1.0 / 5);
        series = (series * z) + Vector256.Create(1.0 / 3);
        series = (series * z) + Vector256<double>.One;
        return (exponent * Ln2) + ((s * 2.0) * series);
    }

    // A 32-bit word below 2^52 put into the fraction of 2^52 is exact once 2^52 is taken away again.
    private static Vector256<double> Widen(Vector128<uint> words)
    {
        var (low, high) = Vector128.Widen(words);
        return (Vector256.Create(low, high) | Vector256.Create((ulong)TwoPow52Bits)).AsDouble() - Vector256.Create(TwoPow52);
    }
}
