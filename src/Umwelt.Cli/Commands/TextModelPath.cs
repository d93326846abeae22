// Where a text model lies that somebody named: its own folder, or that of the run that made it.
namespace Umwelt.Cli.Commands;

internal static class TextModelPath
{
    /// <summary>The model's folder. A run's folder stands for the model that it left there.</summary>
    /// <exception cref="CommandFailedException">There is no such folder.</exception>
    public static string Of(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new CommandFailedException(File.Exists(path) ? $"{path} is a file; a text model is a folder." : $"{path}: there is no such folder.");
        }

        var left = Path.Combine(path, "model");
        return !File.Exists(Path.Combine(path, "model.json")) && File.Exists(Path.Combine(left, "model.json")) ? left : path;
    }
}
