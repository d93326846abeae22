// A folder of models that have learnt nothing, small enough to be made for each test.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Hosting.Tests;

internal sealed class ModelFolder : IDisposable
{
    public static readonly Schema Schema = new(
        10,
        new ImageChannel("sight", 16, 16),
        new CategoryChannel("go", 3, ChannelRole.Motor));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("umwelt-models-");

    public string FullName => _folder.FullName;

    /// <summary>The path of a model that is made there.</summary>
    public string Add(string name, long seed)
    {
        var options = new WorldModelOptions
        {
            Width = 16,
            Heads = 2,
            Registers = 1,
            Backbone = "space, mlstm(on: registers)",
            Decoder = "space",
            PictureSlots = 4,
            PictureFeatures = [16],
            PictureReadOutBlocks = 1,
        };
        var path = Path.Combine(FullName, name);
        using var engine = new Engine(new CpuBackend(1));
        using var model = new WorldModel(engine, Schema, options, seed: seed);
        model.Save(path);
        return path;
    }

    /// <summary>What a dream shows first, and three moments later.</summary>
    public static byte[] Seen(World dream)
    {
        var moments = new MomentBatch(dream.Schema, 1);
        var commands = new MomentBatch(dream.Schema.Motor, 1);
        commands.Category(0, 0) = 2;
        commands.SetPresent(0, 0);
        var sight = dream.Schema.IndexOf("sight");
        dream.Reset(0, 5, moments);
        var seen = moments.Image(sight, 0).ToArray();
        for (var t = 0; t < 3; t++)
        {
            dream.Step(commands, moments);
        }

        return [.. seen, .. moments.Image(sight, 0)];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
