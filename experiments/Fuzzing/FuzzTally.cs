// What came of many files: how many were refused, how many failed, and the worst time and memory of all.
namespace Umwelt.Fuzzing;

internal sealed class FuzzTally
{
    private readonly List<string> _texts = [];

    public long Files { get; private set; }

    public long Refused { get; private set; }

    public long Failures { get; private set; }

    public double SlowestMilliseconds { get; private set; }

    public double MostShareOfBound { get; private set; }

    /// <summary>The first failures, each with what makes it again.</summary>
    public IReadOnlyList<string> Texts => _texts;

    public void Count(FuzzOutcome outcome)
    {
        Files++;
        Refused += outcome.Refused ? 1 : 0;
        SlowestMilliseconds = Math.Max(SlowestMilliseconds, outcome.Milliseconds);
        MostShareOfBound = Math.Max(MostShareOfBound, outcome.ShareOfBound);
        if (outcome.Failure is { } text)
        {
            Fail(text);
        }
    }

    public void Fail(string text)
    {
        Failures++;
        if (_texts.Count < 5)
        {
            _texts.Add(text);
        }
    }

    public void Add(FuzzTally other)
    {
        Files += other.Files;
        Refused += other.Refused;
        Failures += other.Failures;
        SlowestMilliseconds = Math.Max(SlowestMilliseconds, other.SlowestMilliseconds);
        MostShareOfBound = Math.Max(MostShareOfBound, other.MostShareOfBound);
    }
}

/// <summary>What a reader made of one file; the failure's text is null where all was well.</summary>
internal readonly record struct FuzzOutcome(bool Refused, string? Failure, double Milliseconds, double ShareOfBound);
