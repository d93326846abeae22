// Names of worlds: what there is opens, what there is not is said with what was probably meant.
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests;

public sealed class CatalogueTests
{
    [Theory]
    [InlineData("ball:3", "did you mean 'balls:3'?")]
    [InlineData("Pendulum", "did you mean 'pendulum'?")]
    [InlineData("gim:CartPole-v1", "did you mean 'gym:CartPole-v1'?")]
    [InlineData("zzzzzzzz", "there are house[:random], balls[:COUNT], pendulum[:pixels]")]
    [InlineData("", "there are house[:random], balls[:COUNT]")]
    [InlineData("balls:0", "the number of balls is a whole number from 1 to 8, not '0'")]
    [InlineData("balls:three", "not 'three'")]
    [InlineData("balls?siz=32", "did you mean 'size'?")]
    [InlineData("balls?size", "KEY=VALUE")]
    [InlineData("balls?size=32&size=64", "set twice")]
    [InlineData("balls?motor=yes", "true or false")]
    [InlineData("pendulum:pictures", "'pendulum:pixels'")]
    [InlineData("pendulum?size=64", "unknown setting 'size'")]
    [InlineData("cartpole:2", "no 'cartpole:2'")]
    [InlineData("text:", "a file's name")]
    [InlineData("gym", "an environment's name")]
    public void A_name_that_nothing_has_is_refused_and_says_what_there_is(string name, string said)
    {
        var error = Assert.Throws<ArgumentException>(() => WorldCatalogue.Open(name));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_reach_the_world()
    {
        using var world = WorldCatalogue.Open("balls:3?size=48&motor=true", new WorldOptions { Count = 2 });

        Assert.Equal([48, 48, 3], world.Schema["sight"].Shape);
        Assert.Equal(ChannelRole.Motor, world.Schema["push"].Role);
        Assert.Equal(2, world.Count);
    }

    [Fact]
    public void Every_entry_says_what_it_is()
    {
        Assert.All(WorldCatalogue.Entries, entry =>
        {
            Assert.StartsWith(entry.Name, entry.Pattern, StringComparison.Ordinal);
            Assert.NotEmpty(entry.Summary);
        });
        Assert.Equal(WorldCatalogue.Entries.Count, WorldCatalogue.Entries.Select(entry => entry.Name).Distinct(StringComparer.Ordinal).Count());
    }
}
