// Keeps a library's public surface from changing unnoticed: compares what an assembly shows with the accepted list in
// PublicApi.txt, or writes that list. Runs after every Release build of a packed library; prints the difference as an error.
using System.Reflection;
using Umwelt.PublicApi;

if (args is not [("compare" or "accept") and var verb, var assembly, var baseline])
{
    Console.Error.WriteLine("Usage: Umwelt.PublicApi compare|accept ASSEMBLY BASELINE");
    return 2;
}

// MSBuild takes lines of this form for errors and shows them as such.
var origin = $"{Path.GetFileNameWithoutExtension(assembly)}/{Path.GetFileName(baseline)} : error UMWELT1:";
List<string> current;
try
{
    current = Surface.Of(assembly);
}
catch (Exception error) when (error is IOException or BadImageFormatException or ReflectionTypeLoadException or TypeLoadException)
{
    // Left alone it would abort, with a dump of its memory where the system keeps those, and MSBuild would show an exit code.
    var cause = (error as ReflectionTypeLoadException)?.LoaderExceptions.FirstOrDefault(inner => inner is not null) ?? error;
    Console.WriteLine($"{origin} The assembly can't be looked at: {cause.Message.ReplaceLineEndings(" ")}");
    return 2;
}

if (verb == "accept")
{
    File.WriteAllText(baseline, string.Concat(current.Select(line => line + "\n")));
    return 0;
}

var accepted = File.Exists(baseline) ? File.ReadAllLines(baseline) : [];
var added = current.Except(accepted, StringComparer.Ordinal).Select(line => "+ " + line);
var removed = accepted.Except(current, StringComparer.Ordinal).Select(line => "- " + line);
var difference = added.Concat(removed).ToList();
if (difference.Count == 0)
{
    return 0;
}

Console.WriteLine($"{origin} The public API changed. If that is meant, run: dotnet build -c Release -p:AcceptPublicApi=true");
const int Shown = 30;
foreach (var line in difference.Count <= Shown ? difference : [.. difference.Take(Shown), $"and {difference.Count - Shown} more"])
{
    Console.WriteLine($"{origin} {line}");
}

return 1;
