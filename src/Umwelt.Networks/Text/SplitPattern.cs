// The splitters a tokenizer can be trained with; each is the regular expression that the named family of models uses.
namespace Umwelt.Networks.Text;

/// <summary>How text is cut into the pieces within which bytes are merged.</summary>
public enum SplitPattern
{
    /// <summary>Words, numbers and marks with the space before them.</summary>
    Gpt2,

    /// <summary>Words with a mark or blank before them, numbers of up to three digits, line ends kept with the marks before them.</summary>
    Llama3,

    /// <summary>As <see cref="Llama3"/>, every digit for itself.</summary>
    Qwen2,
}
