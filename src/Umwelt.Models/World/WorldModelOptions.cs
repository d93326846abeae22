// How a world model is made. Nothing here names a channel's content: sizes hold for every schema, and what is said of single
// channels is said by their names. The defaults are what two cores train in a night and dream in real time.
using System.Collections.Immutable;
using Umwelt.Networks;

namespace Umwelt.Models;

/// <summary>How a world model is made.</summary>
public sealed record WorldModelOptions
{
    /// <summary>Length of a slot's features.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Heads of attention and of recurrent mixers.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Slots that belong to no channel: where long memory lives.</summary>
    public int Registers { get; init; } = 8;

    /// <summary>The layers over time and slots, as <see cref="StackOptions.Layers"/> has them.</summary>
    public string Backbone { get; init; } = "(space, attention(on: others, window: 8), mlstm(on: registers))x2";

    /// <summary>The layers over the slots of the next moment.</summary>
    public string Decoder { get; init; } = "spacex2";

    /// <summary>The layers over the tokens of one moment's text.</summary>
    public string Words { get; init; } = "attention";

    /// <summary>The most slots a picture has: it is halved until they suffice.</summary>
    public int PictureSlots { get; init; } = 16;

    /// <summary>Features of a picture at half its size, at a quarter and so on; the last holds for all that follow. Multiples of 16.</summary>
    public ImmutableArray<int> PictureFeatures { get; init; } = [32, 64, 128];

    /// <summary>Convolutions at each size on the way down.</summary>
    public int PictureEncoderBlocks { get; init; } = 1;

    /// <summary>Convolutions at each size on the way up.</summary>
    public int PictureReadOutBlocks { get; init; } = 2;

    /// <summary>How many pixels to each side a picture may move from one moment to the next; 0 leaves that to convolutions.</summary>
    public int PictureReach { get; init; } = 8;

    /// <summary>Slots of a stretch of sound.</summary>
    public int SoundSlots { get; init; } = 2;

    /// <summary>Features between sound and its slots.</summary>
    public int SoundHidden { get; init; } = 256;

    /// <summary>Features between a vector and its slot.</summary>
    public int VectorHidden { get; init; } = 128;

    /// <summary>The most tokens of text in one moment; what is longer is cut off.</summary>
    public int MostTokens { get; init; } = 16;

    /// <summary>Above 1, dreamed pictures move by whole pixels and choose this much more decidedly between keeping and making than was learnt: they stay sharp, at some cost of likeness.</summary>
    public double PictureHardness { get; init; } = 1;

    /// <summary>Steps from noise to a picture; one gives the mean of what may follow.</summary>
    public int PictureSteps { get; init; } = 1;

    /// <summary>Steps from noise to sound; one would turn every hiss to silence.</summary>
    public int SoundSteps { get; init; } = 4;

    /// <summary>Steps from noise to a vector; one gives the mean of what may follow.</summary>
    public int VectorSteps { get; init; } = 4;

    /// <summary>Steps of single channels, by name, where they are others.</summary>
    public ImmutableDictionary<string, int> Steps { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>Whether sound and vectors learn steps of every length, so that few do what many would; costs two more guesses a value while learning.</summary>
    public bool Shortcuts { get; init; }

    /// <summary>The level of noise that a dream declares for its own moments, from 0 to below 1; none is added.</summary>
    public double DreamLevel { get; init; } = 0.05;

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Width is >= 8 and <= 1 << 14 && Heads >= 1 && Width % Heads == 0 && Width / Heads % 2 == 0, "width", Width, $"divides into {Heads} heads of even size");
        Check(Registers is >= 0 and <= 1024, "registers", Registers, "is from 0 to 1024");
        Check(PictureSlots is >= 1 and <= 4096, "pictureSlots", PictureSlots, "is from 1 to 4096");
        Check(!PictureFeatures.IsDefaultOrEmpty && PictureFeatures.All(static features => features is >= 16 and <= 4096 && features % 16 == 0), "pictureFeatures", PictureFeatures.IsDefaultOrEmpty ? 0 : PictureFeatures.Min(), "are multiples of 16");
        Check(PictureEncoderBlocks is >= 1 and <= 16, "pictureEncoderBlocks", PictureEncoderBlocks, "is from 1 to 16");
        Check(PictureReadOutBlocks is >= 1 and <= 16, "pictureReadOutBlocks", PictureReadOutBlocks, "is from 1 to 16");
        Check(PictureReach is >= 0 and <= 64, "pictureReach", PictureReach, "is from 0 to 64");
        Check(PictureHardness is > 0 and <= 100, "pictureHardness", PictureHardness, "is above 0 and at most 100");
        Check(SoundSlots is >= 1 and <= 64, "soundSlots", SoundSlots, "is from 1 to 64");
        Check(SoundHidden is >= 8 and <= 1 << 14, "soundHidden", SoundHidden, "is from 8 to 16384");
        Check(VectorHidden is >= 8 and <= 1 << 14, "vectorHidden", VectorHidden, "is from 8 to 16384");
        Check(MostTokens is >= 1 and <= 4096, "mostTokens", MostTokens, "is from 1 to 4096");
        Check(DreamLevel is >= 0 and < 1, "dreamLevel", DreamLevel, "is at least 0 and below 1");
        foreach (var (name, steps) in Steps.Append(new("pictures", PictureSteps)).Append(new("sound", SoundSteps)).Append(new("vectors", VectorSteps)))
        {
            Check(steps is >= 1 and <= 1024, $"steps.{name}", steps, "is from 1 to 1024");
        }
    }

    internal StackOptions StackOf(string layers, int registers = 0, int context = 1024) => new()
    {
        Layers = layers,
        Width = Width,
        Heads = Heads,
        Registers = registers,
        Context = context,
    };

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException($"{key} {law}, not {value}");
        }
    }
}
