// The model of the house that comes with Umwelt: where it lies, and dreams of it. It is a folder as any other model is, copied
// beside each program that refers to this library, so that a program finds it wherever it is started from.
using Umwelt.Models;

namespace Umwelt.House;

/// <summary>The world model of the house that ships with this library.</summary>
public static class ShippedModel
{
    /// <summary>What the model is called among others.</summary>
    public const string Name = "house";

    private const string Description = "model.json";

    /// <summary>The model's folder, beside the program that runs; null where it was built without the model.</summary>
    public static string? Folder => FolderIn(AppContext.BaseDirectory);

    /// <summary>The model's folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The program was built without the model.</exception>
    public static string RequiredFolder => Folder ?? throw new DirectoryNotFoundException(
        $"{PathIn(AppContext.BaseDirectory)}: no model of the house lies there, so the program was built without it; any model's folder can be opened with Dream.Open.");

    /// <summary>Dreams of the house, with the model's weights of their own.</summary>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    /// <param name="rows">How many at once.</param>
    /// <exception cref="DirectoryNotFoundException">The program was built without the model.</exception>
    /// <exception cref="Storage.InvalidFileException">A file of the model is missing or damaged.</exception>
    public static Dream Dream(long seed = 0, int rows = 1) => Models.Dream.Open(RequiredFolder, seed, rows);

    internal static string? FolderIn(string program) => PathIn(program) is var folder && File.Exists(Path.Combine(folder, Description)) ? folder : null;

    private static string PathIn(string program) => Path.Combine(program, "models", Name);
}
