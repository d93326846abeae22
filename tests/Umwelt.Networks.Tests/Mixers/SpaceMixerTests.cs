// Slots take from the slots of their own moment, all of them and no others.
using Xunit;

namespace Umwelt.Networks.Tests.Mixers;

public sealed class SpaceMixerTests
{
    [Fact]
    public void A_slot_reaches_every_slot_of_its_moment_and_no_other_moment()
    {
        using var bench = new Workbench();
        var mixer = new SpaceMixer(bench.Tree.Under("space"), Workbench.Width, heads: 3, normalisesQueriesAndKeys: true);
        using var scope = bench.Engine.Scope();
        using var unrecorded = bench.Engine.NoGradient();
        var x = bench.Normal(4, 5, Workbench.Width);
        var before = mixer.Apply(x).ToArray<float>();
        var values = x.ToArray<float>();
        values[((2 * 5) + 1) * Workbench.Width] += 1;
        var after = mixer.Apply(bench.Engine.From(values, x.Shape)).ToArray<float>();
        for (var slot = 0; slot < 20; slot++)
        {
            var here = (slot * Workbench.Width)..((slot + 1) * Workbench.Width);
            Assert.Equal(slot / 5 != 2, before[here].SequenceEqual(after[here]));
        }
    }
}
