// A model of the house, of the sizes of the one that ships unless said otherwise, as benchmarks use it: it has learnt nothing but to be silent, as nearly all moments
// are. An untrained model would talk all the time, which none that learnt anything does.
using System.Collections.Immutable;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench;

internal static class HouseModel
{
    private const float Silence = 50;

    // As runs/house.json has them.
    private static readonly WorldModelOptions s_shipped = new()
    {
        Backbone = "(space, attention(on: others, window: 8), mlstm(on: registers))x2, space, slstm(on: registers)",
        PictureHardness = 2,
    };

    public static WorldModel Create(Engine engine, WorldModelOptions? options = null)
    {
        using var house = new HouseWorld();
        var scales = house.Schema.Channels.Select(channel => channel is SoundChannel ? new ChannelScale([0], [0.05f]) : ChannelScale.Unit(channel));
        var model = new WorldModel(engine, house.Schema, options ?? s_shipped, scales.ToImmutableArray(), seed: 1);
        var bias = model.Parameters.Parameters.First(parameter => parameter.Key == "channels.speech.scores.bias").Value;
        var scores = new float[bias.Count];
        scores[^1] = Silence;
        bias.Write<float>(scores);
        return model;
    }

    /// <summary>Moments of the house as its explorer lives them, [row, time] in a batch; each row is an episode.</summary>
    public static MomentBatch Live(int rows, int time)
    {
        using var house = new HouseWorld(rows);
        var explorer = house.CreateOccupant("explorer");
        var all = new bool[rows];
        Array.Fill(all, true);
        var moments = new MomentBatch(house.Schema, rows);
        var commands = new MomentBatch(house.Schema.Motor, rows);
        var lived = new MomentBatch(house.Schema, rows * time);
        for (var row = 0; row < rows; row++)
        {
            house.Reset(row, row, moments);
            explorer.Reset(row, row);
        }

        for (var t = 0; t < time; t++)
        {
            for (var row = 0; row < rows; row++)
            {
                lived.Copy(moments, row, (row * time) + t);
            }

            explorer.Act(moments, commands, all);
            house.Step(commands, moments, all);
        }

        return lived;
    }
}
