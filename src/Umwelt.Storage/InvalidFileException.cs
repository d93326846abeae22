// The one exception every reader throws for a file whose content is wrong, so that a caller needs to catch only this.
// Its message always names the file and what is wrong with it, and where one byte is to blame, which.
namespace Umwelt.Storage;

/// <summary>A file's content breaks its format, or is cut short, or asks for more than the reader allows.</summary>
public sealed class InvalidFileException : IOException
{
    /// <summary>Names the file, the problem and, where known, the byte at which it was found.</summary>
    public InvalidFileException(string path, string problem, long? offset = null, Exception? innerException = null)
        : base(offset is { } at ? $"{path}: {problem} (at byte {at})" : $"{path}: {problem}", innerException)
    {
        Path = path;
        Problem = problem;
        Offset = offset;
    }

    /// <summary>The file, or the name the caller gave to a stream.</summary>
    public string Path { get; }

    /// <summary>What is wrong, without the file's name.</summary>
    public string Problem { get; }

    /// <summary>The byte of the file at which the problem was found, where one can be named.</summary>
    public long? Offset { get; }
}
