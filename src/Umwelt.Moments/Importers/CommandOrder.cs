// How a source puts commands and senses side by side. In a moment the command stands with the senses that followed it; many
// logs have it the other way round, and confusing the two is the classic bug of every world model.
namespace Umwelt.Moments.Importers;

/// <summary>Whether the command of a row came before the senses of that row, or after them.</summary>
public enum CommandOrder
{
    /// <summary>The row's command led to the row's senses, as in a moment.</summary>
    Before,

    /// <summary>The row's command followed the row's senses and led to those of the next row, with the reward and the end that
    /// stand beside it.</summary>
    After,
}
