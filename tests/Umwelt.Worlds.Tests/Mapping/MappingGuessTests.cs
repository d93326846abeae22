// What a guess finds in a world whose every value is known, and that a guess is a mapping that opens.
using Umwelt.Worlds.Mapping;
using Xunit;

namespace Umwelt.Worlds.Tests.Mapping;

public sealed class MappingGuessTests
{
    [Fact]
    public void A_frame_in_which_nothing_happens_grey_colours_whole_numbers_and_high_rates_are_found()
    {
        using var world = new StageWorld(1, 50);
        var guess = MappingGuess.Of("stage", world, 120, 1, TestContext.Current.CancellationToken);
        Assert.Equal(world.Schema.Channels.Select(static channel => channel.Name), guess.Channels.Select(static channel => channel.Name));
        Assert.Equal(3, guess.Every);
        var sight = guess.Channels[0];
        Assert.True(sight.Grey);
        Assert.Null(sight.Crop); // what would be left is too small to be a picture
        Assert.Equal(4, guess.Channels[2].Count);
        Assert.NotNull(guess.Channels[1].Scale);
        using var mapped = MappedWorld.Open(new StageWorld(1), guess, "guess.json");
        Assert.Equal(20, mapped.Schema.Rate);
    }

    [Theory]
    [InlineData("pendulum")]
    [InlineData("balls:2?size=128&motor=true")]
    [InlineData("house")]
    [InlineData("gym:Everything-v0")]
    public void What_is_guessed_of_a_world_opens_and_is_written_and_read_without_loss(string name)
    {
        using var world = TestWorlds.Open(name, 1);
        var guess = MappingGuess.Of(name, world, 40, 1, TestContext.Current.CancellationToken);
        var path = TestWorlds.FileOf("");
        guess.Write(path);
        var read = MappingDocument.Read(path);
        using var one = MappedWorld.Open(TestWorlds.Open(name, 1), guess, "guess.json");
        using var other = MappedWorld.Open(TestWorlds.Open(name, 1), read, path);
        Assert.Equal(name, read.World);
        Assert.Equal(one.Schema, other.Schema);
        Assert.Equal(world.Schema.Motor.Channels.Select(static channel => channel.Name), one.Schema.Motor.Channels.Select(static channel => channel.Name));
    }

    [Fact]
    public void A_large_picture_is_brought_to_what_small_models_take()
    {
        using var world = TestWorlds.Open("balls:2?size=128", 1);
        var guess = MappingGuess.Of("balls:2?size=128", world, 60, 1, TestContext.Current.CancellationToken);
        Assert.All(guess.Channels[0].Size!, static length => Assert.True(length is >= 16 and <= 64 && length % 16 == 0));
    }
}
