// From a world of one's own to a dream of it, in well under a minute: record what happens in it, learn from that, dream, and show both
// side by side with the same commands: dotnet run -c Release --project samples/own-world [FOLDER]
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Samples.OwnWorld;
using Umwelt.Storage;
using Umwelt.Tensors;

var folder = args is [var said] ? said : Directory.CreateTempSubdirectory("meadow-").FullName;
using var world = new Meadow(count: 4);

// 1. Somebody lives in the world, here by chance, and it is written down.
using (var writer = RecordingWriter.Create(Path.Combine(folder, "data"), world.Schema, new Provenance { Origin = "meadow", Occupant = "random" }))
{
    new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = 1, Moments = 4000 }).Run();
}

// 2. A model small enough for so small a world learns what follows from what. A run leaves its model in a folder.
var run = new WorldRun
{
    Out = Path.Combine(folder, "run"),
    Data = new WorldData { Recordings = [Path.Combine(folder, "data")], HeldOut = 0.1 },
    Model = new WorldModelOptions
    {
        Width = 32,
        Heads = 2,
        Registers = 2,
        Backbone = "space, attention(on: others, window: 4), mlstm(on: registers)",
        Decoder = "space",
        PictureFeatures = [16, 32],
        PictureReadOutBlocks = 1,
    },
    Training = new WorldRun().Training with
    {
        Steps = 400,
        BatchSize = StagedSchedule.Constant(8),
        Length = StagedSchedule.Constant(9),
        Rate = 3e-3,
        Average = 0.98,
        EvaluateEvery = 0,
        CheckpointEvery = 0,
    },
    Measure = new WorldMeasure { Rows = 8, Prime = 8, Horizon = 10 },
};
using (var engine = new Engine(new CpuBackend()))
using (var training = new WorldTraining(engine, run))
{
    foreach (var (name, figure) in training.Run().Figures)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {figure:0.00}"));
    }
}

// 3. The truth and the dream get the same commands: the dream sees the first moments of the truth, then none of it.
using var truth = new Meadow(count: 1);
using var dream = Dream.Open(Path.Combine(run.Out, "model"));
var flyer = truth.CreateOccupant("random");
var commands = new MomentBatch(truth.Schema.Motor, 1);
var (seen, dreamed) = (new MomentBatch(truth.Schema, 1), new MomentBatch(truth.Schema, 1));
truth.Reset(0, seed: 99, seen);
flyer.Reset(0, seed: 99);
for (var t = 0; t < 24; t++)
{
    if (t < 8)
    {
        dream.Prime(seen, length: 1);
    }

    flyer.Act(seen, commands, [true]);
    truth.Step(commands, seen);
    if (t >= 7)
    {
        dream.Step(commands, dreamed);
    }

    if (t >= 7 && t % 4 == 3)
    {
        Show(Path.Combine(folder, $"truth-and-dream-{t - 6}.png"), seen, dreamed);
    }
}

Console.WriteLine($"{Path.GetFullPath(folder)}: truth on the left, dream on the right, after 1 to 17 moments without sight.");

static void Show(string path, MomentBatch left, MomentBatch right)
{
    var sight = (ImageChannel)left.Schema["sight"];
    var line = sight.Width * sight.Colours;
    var both = new byte[2 * sight.Height * line];
    for (var y = 0; y < sight.Height; y++)
    {
        left.Image(0, 0).Slice(y * line, line).CopyTo(both.AsSpan(2 * y * line));
        right.Image(0, 0).Slice(y * line, line).CopyTo(both.AsSpan(((2 * y) + 1) * line));
    }

    Png.Write(path, both, 2 * sight.Width, sight.Height, PngLayout.Rgb);
}
