// Where a program's models are. A folder beside the program is looked into by itself, so that models that ship with it (as the
// house does) need no word; others are named here.
namespace Umwelt.Hosting;

/// <summary>Which models a program has.</summary>
public sealed class UmweltOptions
{
    /// <summary>A folder whose own folders are models, each called what it is called there; need not exist. Beside the program unless said.</summary>
    public string ModelsFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Folders of further models by their names; they go before those of <see cref="ModelsFolder"/>.</summary>
    public IDictionary<string, string> Models { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
