// A schema that exists is valid, and it comes back from JSON as it was.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void A_schema_comes_back_from_JSON_as_it_was()
    {
        var schema = new Schema(
            29.97,
            new ImageChannel("sight", 64, 48, 1) { Description = "the left eye" },
            new SoundChannel("hearing", 400, 2),
            new VectorChannel("motor", 2, ChannelRole.Motor) { Names = ["forward", "turn"], Minimum = [-1, float.NegativeInfinity], Maximum = [1, 2] },
            new CategoryChannel("use", 2, ChannelRole.Motor) { Labels = ["nothing", "use"] },
            new TextChannel("speech"),
            new VectorChannel("reward", 1, ChannelRole.Reward),
            new CategoryChannel("end", 2, ChannelRole.End));
        var again = Schema.FromJson(schema.ToJson(), "test");
        Assert.Equal(schema, again);
        Assert.Equal(schema.ToJson(), again.ToJson());
        Assert.Equal([2, 3], again.Motors);
        Assert.Equal(6, again.End);
        Assert.NotEqual(schema, new Schema(30, schema.Channels));
    }

    public static TheoryData<string, Channel> Impossible => new()
    {
        { "name", new VectorChannel("Motor", 2) },
        { "name", new VectorChannel("", 2) },
        { "extent", new ImageChannel("sight", 0, 3) },
        { "colours", new ImageChannel("sight", 3, 3, 2) },
        { "MB", new ImageChannel("sight", 100000, 100000) },
        { "MB", new VectorChannel("v", int.MaxValue) },
        { "ears", new SoundChannel("hearing", 10, 65) },
        { "names", new VectorChannel("v", 2) { Names = ["one"] } },
        { "between", new VectorChannel("v", 1) { Minimum = [1], Maximum = [0] } },
        { "between", new VectorChannel("v", 1) { Minimum = [float.NaN] } },
        { "two or more", new CategoryChannel("c", 1) },
        { "labels", new CategoryChannel("c", 2) { Labels = ["a"] } },
        { "reward", new VectorChannel("r", 2, ChannelRole.Reward) },
        { "end", new CategoryChannel("e", 3, ChannelRole.End) },
        { "sense", new TextChannel("t", ChannelRole.Reward) },
        { "role", new TextChannel("t", (ChannelRole)9) },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void A_channel_that_can_not_be_is_refused_by_name_and_reason(string reason, Channel channel)
    {
        var error = Assert.Throws<SchemaException>(() => new Schema(20, channel));
        Assert.Equal(channel.Name, error.Channel);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_channels_of_one_name_two_ends_no_channel_and_no_rate_are_refused()
    {
        Assert.Throws<SchemaException>(() => new Schema(20, new TextChannel("a"), new VectorChannel("a", 1)));
        Assert.Throws<SchemaException>(() => new Schema(20, new CategoryChannel("a", 2, ChannelRole.End), new CategoryChannel("b", 2, ChannelRole.End)));
        Assert.Throws<SchemaException>(() => new Schema(20));
        Assert.Throws<SchemaException>(() => new Schema(0, new TextChannel("a")));
        Assert.Throws<SchemaException>(() => new Schema(double.NaN, new TextChannel("a")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"rate":20,"channels":null}""")]
    [InlineData("""{"rate":20,"channels":[null]}""")]
    [InlineData("""{"rate":20,"channels":[{"kind":"smell","name":"a","role":"Sense"}]}""")]
    [InlineData("""{"rate":20,"channels":[{"name":"a","role":"Sense"}]}""")]
    [InlineData("""{"rate":20,"channels":[{"kind":"text","name":null,"role":"Sense"}]}""")]
    [InlineData("""{"rate":20,"channels":[{"kind":"text","name":"a","role":"Sense","colour":3}]}""")]
    [InlineData("""{"rate":20,"channels":[{"kind":"text","name":"a","role":"Queen"}]}""")]
    [InlineData("""{"rate":20,"channels":[{"kind":"vector","name":"a","role":"Sense","size":2,"names":["x",null]}]}""")]
    public void Broken_JSON_is_an_error_that_names_its_source(string json)
    {
        var error = Assert.Throws<InvalidFileException>(() => Schema.FromJson(json, "here.json"));
        Assert.Equal("here.json", error.Path);
    }
}
