// The house lived in directly, beside which the server's moments are laid.
using System.Text;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds;

namespace Umwelt.Server.Tests;

internal sealed class HouseLife : IDisposable
{
    private readonly HouseWorld _house = new();
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;

    public HouseLife(long seed)
    {
        _moments = new MomentBatch(_house.Schema, 1);
        _commands = new MomentBatch(_house.Schema.Motor, 1);
        _house.Reset(0, seed, _moments);
    }

    /// <summary>A walk that bumps, turns and uses things, the same for everybody.</summary>
    public static (float Forward, float Right, float Turn, int Use) Walk(uint step)
    {
        var stream = RandomStream.Of(11, 0, step);
        return ((float)Math.Round(stream.NextSingle(), 2), (float)Math.Round(stream.NextSingle() - 0.5f, 2), (float)Math.Round((2 * stream.NextSingle()) - 1, 2), step % 5 == 0 ? 1 : 0);
    }

    public void Step((float Forward, float Right, float Turn, int Use) command)
    {
        var motor = _commands.Vector(0, 0);
        (motor[0], motor[1], motor[2]) = (command.Forward, command.Right, command.Turn);
        _commands.SetPresent(0, 0);
        _commands.Category(1, 0) = command.Use;
        _commands.SetPresent(1, 0);
        _house.Step(_commands, _moments);
    }

    public void AssertSame(Frame frame)
    {
        for (var i = 0; i < _house.Schema.Channels.Length; i++)
        {
            var expected = !_moments.IsPresent(i, 0) ? null
                : _house.Schema.Channels[i].Kind == ChannelKind.Text ? _moments.Text(i, 0).ToArray() : _moments.Bytes(i, 0).ToArray();
            Assert.Equal(expected, frame.Channels[i]);
        }
    }

    /// <summary>Equal to what an agent was told it senses.</summary>
    public void AssertSees(JsonElement observation)
    {
        Assert.Equal(_moments.Bytes(0, 0).ToArray(), observation.GetProperty("sight").GetProperty("base64").GetBytesFromBase64());
        Assert.Equal(_moments.Bytes(1, 0).ToArray(), observation.GetProperty("hearing").GetProperty("base64").GetBytesFromBase64());
        Assert.Equal(Encoding.UTF8.GetString(_moments.Text(2, 0)), observation.GetProperty("speech").GetString() ?? "");
    }

    public void Dispose() => _house.Dispose();
}
