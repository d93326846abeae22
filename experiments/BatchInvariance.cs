// Claim: what becomes of a row does not depend on the rows beside it or on the number of threads: its losses, its gradients, what
// it dreams. Every kind of channel takes part: lives in the house, small. Trained weights are a sum over all rows, so of them only
// threads are asked. That another row has other bits shows that there is something to be equal.
using Umwelt.Dreams;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Models.Internal.World;
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt;

/// <summary>A row alone, in batches of 2, 7 and 64, on one to three threads.</summary>
public sealed class BatchInvariance : IExperiment
{
    private const int Lives = 64;
    private const int Length = 9;
    private const int Remembered = 4;
    private const int Followed = 5;
    private static readonly int[] Threads = [1, 2, 3];
    private static readonly int[] Batches = [1, 2, 7, Lives];

    /// <inheritdoc/>
    public static string Name => "batch-invariance";

    /// <inheritdoc/>
    public static string Claim =>
        "A row has the same bits alone and in batches of 2, 7 and 64, on one, two and three threads: its losses, its gradients and its dreamed moments; and a training leaves the same weights on one, two and three threads.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var (differentWeights, differentLosses, differentDreams, others) = (0L, 0L, 0L, 0L);
            byte[]? weights = null;
            byte[][]? learnt = null;
            byte[][]? dreamed = null;
            foreach (var threads in Threads)
            {
                using var world = Train(threads, seed);
                byte[] own = [.. world.Model.Parameters.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>()).SelectMany(BitConverter.GetBytes)];
                differentWeights += Unequal(weights ??= own, own);
                var lives = world.Fresh(Lives, Length);
                foreach (var count in Batches)
                {
                    // The batch of a row begins with it, ends with it, or has it somewhere.
                    var (losses, dreams) = (new byte[Followed][], new byte[Followed][]);
                    for (var i = 0; i < Followed; i++)
                    {
                        var row = i * (Lives - 1) / (Followed - 1);
                        var first = Math.Clamp(row - (i * (count - 1) / (Followed - 1)), 0, Lives - count);
                        losses[i] = Learnt(world.Model, lives, first, count, row - first);
                        dreams[i] = Dreamed(world, lives, first, count, row - first);
                    }

                    (learnt, dreamed) = (learnt ?? losses, dreamed ?? dreams);
                    for (var i = 0; i < Followed; i++)
                    {
                        differentLosses += Unequal(learnt[i], losses[i]);
                        differentDreams += Unequal(dreamed[i], dreams[i]);
                        others += i > 0 && Unequal(losses[0], losses[i]) > 0 && Unequal(dreams[0], dreams[i]) > 0 ? 1 : 0;
                    }
                }
            }

            verdict.AtMost("weights_that_differ", seed, differentWeights, 0);
            verdict.AtMost("losses_and_gradients_that_differ", seed, differentLosses, 0);
            verdict.AtMost("dreamed_bytes_that_differ", seed, differentDreams, 0);
            verdict.AtLeast("other_rows_that_differ", seed, (double)others / (Threads.Length * Batches.Length * (Followed - 1)), 1);
        }

        return verdict.Result();

        LearntWorld Train(int threads, long seed)
        {
            var run = LearntWorld.Run(12, lanes: 8, Length);
            return LearntWorld.Train(
                $"{threads} threads",
                count => WorldCatalogue.Open("house?size=32", new WorldOptions { Count = count }),
                2000,
                run with { Objective = new WorldObjective(), Model = run.Model with { VectorSteps = 2, SoundSteps = 2 } },
                seed,
                new ExperimentOptions(seed) { Threads = threads },
                progress,
                cancellation);
        }
    }

    private static long Unequal(byte[] these, byte[] those) => Math.Abs(these.Length - those.Length) + these.Zip(those).LongCount(pair => pair.First != pair.Second);

    // The losses of one row's transitions, commands given, and the gradients of all losses for what the row saw.
    private static byte[] Learnt(WorldModel model, MomentBatch lives, int first, int count, int row)
    {
        using var scope = model.Engine.Scope();
        var (engine, codecs, transitions) = (model.Engine, model.Codecs, count * (Length - 1));
        var (values, past, memories, stems) = (new Tensor[codecs.Length], new Tensor[codecs.Length], new ChannelMemory[codecs.Length], new Tensor[codecs.Length]);
        var before = Moments(engine, count, 0);
        var after = Moments(engine, count, 1);
        for (var c = 0; c < codecs.Length; c++)
        {
            values[c] = model.Values.Read(lives, c, first * Length, count * Length);
            if (values[c].Type == DataType.Float32)
            {
                values[c].RequiresGradient = true;
            }

            float[] absent = [.. Enumerable.Range(first * Length, count * Length).Select(moment => lives.IsPresent(c, moment) ? 0f : 1f)];
            past[c] = codecs[c].Encode(values[c], LevelTensors.Of(engine, absent), out memories[c]);
            var isMotor = codecs[c].Channel.Role == ChannelRole.Motor;
            var levels = LevelTensors.Of(engine, [.. Enumerable.Repeat(isMotor ? 0f : 1f, transitions)]);
            stems[c] = isMotor ? codecs[c].Stem(Chosen(values[c], after), levels) : codecs[c].Unknown(levels);
        }

        using var state = model.Backbone.CreateState(count, model.SlotCount);
        var moment = model.Moment(past).Reshape(count, Length, model.SlotCount, model.Options.Width);
        var remembered = model.Backbone.Apply(moment, state).Slice(1, 0, Length - 1).Reshape(transitions, model.SlotCount, model.Options.Width);
        var z = model.Infer(remembered, stems);
        var read = LevelTensors.Of(engine, [.. Enumerable.Repeat(0.5f, transitions)]);
        var (bytes, all) = (new List<byte>(), default(Tensor));
        for (var c = 0; c < codecs.Length; c++)
        {
            if (codecs[c].Channel.Role == ChannelRole.Motor)
            {
                continue;
            }

            var target = Chosen(values[c].Detach(), after);
            var loss = codecs[c].Loss(
                model.SlotsOf(z, c), target, memories[c].Select(before), engine.Ones([transitions, 1]), codecs[c].TakesNoise ? engine.Zeros(target.Shape) : default, read);
            bytes.AddRange(loss.Slice(0, row * (Length - 1), Length - 1).ToArray<float>().SelectMany(BitConverter.GetBytes));
            all = all.IsDefault ? loss.Sum() : all + loss.Sum();
        }

        all.Backward();
        foreach (var value in values.Where(value => value.RequiresGradient && !value.Gradient.IsDefault))
        {
            bytes.AddRange(value.Gradient.Slice(0, row * Length, Length).ToArray<float>().SelectMany(BitConverter.GetBytes));
        }

        foreach (var (_, parameter) in model.Parameters.Parameters)
        {
            parameter.ClearGradient();
        }

        return [.. bytes];
    }

    private static Tensor Moments(Engine engine, int rows, int shift) => engine.From<int>(
        [.. Enumerable.Range(0, rows * (Length - 1)).Select(i => (i / (Length - 1) * Length) + (i % (Length - 1)) + shift)], [rows * (Length - 1)]);

    // Whole numbers pass through floats, which hold them exactly.
    private static Tensor Chosen(Tensor value, Tensor indices) => value.Type == DataType.Float32
        ? value.IndexSelect(0, indices)
        : value.Cast(DataType.Float32).IndexSelect(0, indices).Cast(value.Type);

    // What one row dreams after its first moments, by its true commands and then by its own.
    private static byte[] Dreamed(LearntWorld world, MomentBatch lives, int first, int count, int row)
    {
        var (schema, bytes) = (lives.Schema, new List<byte>());
        var part = new MomentBatch(schema, count * Length);
        for (var i = 0; i < part.Count; i++)
        {
            part.Copy(lives, (first * Length) + i, i);
        }

        using var dream = world.Dream(part, Length, Remembered, firstSeed: first);
        var (commands, moments) = (new MomentBatch(schema.Motor, count), new MomentBatch(schema, count));
        for (var t = Remembered; t < Length + 2; t++)
        {
            if (t < Length)
            {
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    for (var i = 0; i < count; i++)
                    {
                        commands.Copy(part, schema.Motors[m], (i * Length) + t, m, i);
                    }
                }
            }
            else
            {
                dream.Act(commands);
            }

            dream.Step(commands, moments);
            for (var c = 0; c < schema.Channels.Length; c++)
            {
                bytes.AddRange(schema.Channels[c] is TextChannel ? moments.Text(c, row) : moments.Bytes(c, row));
            }
        }

        return [.. bytes];
    }
}
