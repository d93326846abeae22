// A reader under test: makes the broken file of a seed and a number, gives it to the reader and judges the outcome.
// The same file comes of the same two integers on every machine with the same runtime.
using System.Diagnostics;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal abstract class FuzzTarget
{
    public const int MostSeconds = 2;
    public const string TimeBound = "no file takes longer than 2 s";
    public const string MemoryBound =
        "no file makes a reader allocate more than 64 KiB, 16 bytes for each byte of the file and 48 for each pixel it may declare; "
        + "of Parquet, 2 MiB for the rows asked for and 272 bytes for each byte of the file; of tables, 4 MiB and 512 bytes for each; "
        + "of recordings, 1 MiB for the description and the batch";

    /// <summary>The most pixels a picture may declare here.</summary>
    protected const long MostPixels = 1 << 16;

    private const string FileName = "fuzzed file";

    public static IReadOnlyList<FuzzTarget> All { get; } = [new SafetensorsFuzz(), new SafetensorsIndexFuzz(), new PngFuzz(), new WavFuzz()];

    public abstract string Name { get; }

    public FuzzOutcome Try(long seed, long number)
    {
        var random = RandomStream.Of(seed, number);
        return Judge(Make(ref random), $"{Name}: file {number} of seed {seed}");
    }

    /// <summary>Gives a file to the reader; <paramref name="origin"/> says in a failure how to make it again.</summary>
    /// <remarks>What is made once in a process, or a moment in which others had the processor, is no fault of a file: one that fails is read again.</remarks>
    public FuzzOutcome Judge(byte[] file, string origin)
    {
        var outcome = JudgeOnce(file, origin);
        return outcome.Failure is null ? outcome : JudgeOnce(file, origin);
    }

    private FuzzOutcome JudgeOnce(byte[] file, string origin)
    {
        var bound = (16L * file.Length) + Extra(file) + 65536;
        var refused = false;
        string? failure = null;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            Read(file, FileName);
        }
        catch (InvalidFileException e)
        {
            refused = true;
            if (!e.Message.StartsWith(FileName + ": ", StringComparison.Ordinal) || e.Problem.Length == 0 || e.Message.Length > 1000)
            {
                failure = $"{origin}: unclear error of {e.Message.Length} characters: {e.Message.AsSpan(0, Math.Min(200, e.Message.Length))}";
            }
        }
        catch (Exception e)
        {
            failure = $"{origin}: {e}";
        }

        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        failure ??= milliseconds > MostSeconds * 1000 ? $"{origin}: took {milliseconds:F0} ms"
            : allocated > bound ? $"{origin}: allocated {allocated} bytes, allowed are {bound}" : null;
        return new FuzzOutcome(refused, failure, milliseconds, (double)allocated / bound);
    }

    /// <summary>Makes a file, usually broken.</summary>
    public abstract byte[] Make(ref RandomStream random);

    protected abstract void Read(byte[] file, string name);

    /// <summary>What the file entitles its reader to allocate beside its own length.</summary>
    protected virtual long Extra(byte[] file) => 0;
}
