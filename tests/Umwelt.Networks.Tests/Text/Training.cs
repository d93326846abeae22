// Training on a text within a test, which ends when the test is cancelled.
using Xunit;

namespace Umwelt.Networks.Text.Tests;

internal static class Training
{
    public static Tokenizer Learn(this TokenizerTraining training, byte[] text) => training.OnText(text, cancellation: TestContext.Current.CancellationToken);
}
