// The files of a source in the order a person would put them: numbers in names count as numbers.
using System.Globalization;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal static class SourceFiles
{
    private const int MostFiles = 1_000_000;
    private const int SampleBytes = 1 << 16;

    /// <summary>The file itself, or the files of a folder and of those within it that have one of these extensions.</summary>
    public static IReadOnlyList<string> Of(string source, params ReadOnlySpan<string> extensions)
    {
        if (File.Exists(source))
        {
            return [source];
        }

        if (!Directory.Exists(source))
        {
            throw new FileNotFoundException($"{source}: there is no such file or folder", source);
        }

        var wanted = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var extension in extensions)
        {
            wanted.Add(extension);
        }

        var files = new List<string>();
        foreach (var file in Below(source))
        {
            if (wanted.Contains(Path.GetExtension(file)))
            {
                if (files.Count == MostFiles)
                {
                    throw new InvalidFileException(source, $"it holds more than {MostFiles} files; import it in parts");
                }

                files.Add(file);
            }
        }

        files.Sort(Natural);
        return files.Count > 0 ? files : throw new InvalidFileException(source, $"the folder holds no {string.Join(", ", wanted)} file");
    }

    /// <summary>Compares names so that 2 comes before 10.</summary>
    public static int Natural(string one, string other)
    {
        int i = 0, j = 0;
        while (i < one.Length && j < other.Length)
        {
            if (char.IsAsciiDigit(one[i]) && char.IsAsciiDigit(other[j]))
            {
                var first = Digits(one, ref i);
                var second = Digits(other, ref j);
                var order = first.Length != second.Length ? first.Length - second.Length : first.CompareTo(second, StringComparison.Ordinal);
                if (order != 0)
                {
                    return order;
                }
            }
            else
            {
                var order = char.ToLowerInvariant(one[i++]) - char.ToLowerInvariant(other[j++]);
                if (order != 0)
                {
                    return order;
                }
            }
        }

        var left = (one.Length - i) - (other.Length - j);
        return left != 0 ? left : string.CompareOrdinal(one, other);
    }

    /// <summary>Names files by their lengths, beginnings and ends, and whatever else the recording depends on.</summary>
    public static string Fingerprint(string source, IEnumerable<string> files, params ReadOnlySpan<string> others)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sample = new byte[SampleBytes];
        var root = Path.GetFullPath(Directory.Exists(source) ? source : Path.GetDirectoryName(Path.GetFullPath(source))!);
        foreach (var file in files)
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            hash.AppendData(Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(root, Path.GetFullPath(file)).Replace('\\', '/')}\n{length}\n")));
            hash.AppendData(sample, 0, RandomAccess.Read(handle, sample, 0));
            hash.AppendData(sample, 0, RandomAccess.Read(handle, sample, Math.Max(0, length - SampleBytes)));
        }

        foreach (var other in others)
        {
            hash.AppendData(Encoding.UTF8.GetBytes("\n" + other));
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A link to a file is that file; a link to a folder is not followed, since it may lead back to where it stands.
    private static FileSystemEnumerable<string> Below(string folder) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), new EnumerationOptions { RecurseSubdirectories = true })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        while (at < text.Length && text[at] == '0')
        {
            at++;
        }

        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start);
    }
}
