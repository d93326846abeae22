// How far the training of a tokenizer is.
namespace Umwelt.Networks.Text;

/// <summary>A stage of training and how much of it is done.</summary>
/// <param name="Stage">What is being done, in words.</param>
/// <param name="Done">How much is done: bytes read, or merges learnt.</param>
/// <param name="Total">How much there is; 0 where nobody knows.</param>
public readonly record struct TokenizerProgress(string Stage, long Done, long Total);
