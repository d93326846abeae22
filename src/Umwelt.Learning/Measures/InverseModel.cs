// Reads the command off two pictures that follow each other. It has seen real pairs alone, and is tested on real pairs of other
// episodes: what it can't read there it can't ask of a dream.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

/// <summary>A number of a command.</summary>
internal readonly record struct CommandNumber(int Channel, int Index, string Name);

/// <summary>Two pictures: where each stands.</summary>
internal readonly record struct PicturePair(MomentBatch Before, int BeforeRow, MomentBatch After, int AfterRow);

internal sealed class InverseModel : IDisposable
{
    private const int Block = 17;
    private const int Blocks = 800;
    private const long Purpose = 0x696e7665;
    private static readonly string[] Asked = ["forward", "turn"];
    private readonly Judge _judge;
    private readonly PictureInput _input;
    private readonly int _channel;

    private InverseModel(Examination exam, int channel)
    {
        _channel = channel;
        _input = new PictureInput((ImageChannel)exam.Schema.Channels[channel], 3);
        Numbers = NumbersOf(exam.Schema);
        _judge = new Judge(_input.Height, _input.Width, _input.Channels, Numbers.Count, JudgeKind.Numbers, exam.Options.Seed);
    }

    /// <summary>What it reads.</summary>
    public IReadOnlyList<CommandNumber> Numbers { get; }

    /// <summary>The numbers of commands that a picture can tell: forward and turn where they are called so, all otherwise.</summary>
    public static IReadOnlyList<CommandNumber> NumbersOf(Schema schema)
    {
        var all = new List<CommandNumber>();
        foreach (var m in schema.Motors)
        {
            if (schema.Channels[m] is VectorChannel vector)
            {
                all.AddRange(Enumerable.Range(0, vector.Size).Select(i => new CommandNumber(m, i, vector.Names.IsDefault ? $"{vector.Name}_{i}" : vector.Names[i])));
            }
        }

        var named = all.Where(number => Asked.Contains(number.Name, StringComparer.Ordinal)).ToArray();
        return named.Length > 0 ? named : all;
    }

    public static InverseModel Train(Examination exam, int channel)
    {
        var model = new InverseModel(exam, channel);
        var places = Examination.Places(exam.Recording, exam.ForJudges, Blocks, Block, exam.Options.Seed, Purpose);
        var pool = Excerpts.Read(exam.Recording, places, Block).Moments;
        var steps = exam.Options.JudgeSteps;
        model._judge.Train(
            places.Count * (Block - 1),
            steps,
            (item, input, targets) =>
            {
                var row = (item / (Block - 1) * Block) + (item % (Block - 1));
                model.Fill(new PicturePair(pool, row, pool, row + 1), input);
                for (var i = 0; i < targets.Length; i++)
                {
                    targets[i] = model.Target(pool, row + 1, i);
                }
            },
            step => exam.Progress($"the inverse model learns from real pairs: step {step} of {steps}"),
            exam.Cancellation);
        return model;
    }

    /// <summary>What it reads off pairs, [pair, number].</summary>
    public float[] Read(IReadOnlyList<PicturePair> pairs) => _judge.Say(pairs.Count, (item, input, _) => Fill(pairs[item], input));

    /// <summary>What the command to a moment was.</summary>
    public float Target(MomentBatch moments, int row, int number) => moments.Vector(Numbers[number].Channel, row)[Numbers[number].Index];

    public void Dispose() => _judge.Dispose();

    private void Fill(in PicturePair pair, Span<float> input)
    {
        _input.Write(0, pair.Before.Image(_channel, pair.BeforeRow), input);
        _input.Write(1, pair.After.Image(_channel, pair.AfterRow), input);
        _input.WriteChange(2, pair.Before.Image(_channel, pair.BeforeRow), pair.After.Image(_channel, pair.AfterRow), input);
    }
}
