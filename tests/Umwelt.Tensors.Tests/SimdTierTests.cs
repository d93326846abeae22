// The suite runs once a SIMD tier; this says that the tier that was asked for is the one that runs.
using Umwelt.Tensors.Internal.Simd;
using Xunit;

namespace Umwelt.Tensors.Tests;

public class SimdTierTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", "avx512")]
    [InlineData("DOTNET_EnableAVX2", "avx512", "avx2")]
    [InlineData("DOTNET_EnableHWIntrinsic", "avx512", "avx2", "sse+fma", "sse", "neon")]
    public void ATierThatIsSwitchedOffDoesNotRun(string variable, params string[] excluded)
    {
        var isOff = string.Equals(Environment.GetEnvironmentVariable(variable), "0", StringComparison.Ordinal);

        Assert.True(!isOff || !excluded.Contains(SimdTier.Name, StringComparer.Ordinal), $"{variable}=0, yet {SimdTier.Name} runs");
    }
}
