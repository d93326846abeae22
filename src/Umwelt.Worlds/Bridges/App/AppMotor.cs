// A motor of a program: a channel, and what its values press. What a number can't do is rounded to what was really done, and the moment
// holds that. The same goes backwards where a person presses the keys: the value that comes nearest to what is held.
using Umwelt.Moments;

namespace Umwelt.Worlds.Bridges.App;

/// <summary>What is pressed and how far the mouse goes in a tick.</summary>
internal sealed class AppPresses
{
    public bool[] Codes { get; } = new bool[Display.XKeys.Count];

    public int MouseX { get; set; }

    public int MouseY { get; set; }

    public void Clear()
    {
        Array.Clear(Codes);
        (MouseX, MouseY) = (0, 0);
    }

    public void Press(int[] codes)
    {
        foreach (var code in codes)
        {
            Codes[code] = true;
        }
    }

    /// <summary>Whether all of some keys are held, and there are some.</summary>
    public bool Holds(int[] codes) => codes.Length > 0 && Array.TrueForAll(codes, code => Codes[code]);
}

/// <summary>A motor whose codes are those of a display's keyboard.</summary>
internal abstract class AppMotor
{
    /// <summary>Presses what the command says, and makes the command what was really done.</summary>
    public abstract void Write(MomentBatch moments, int channel, AppPresses presses);

    /// <summary>Makes the command what somebody presses.</summary>
    public abstract void Read(AppPresses presses, MomentBatch moments, int channel);
}

/// <summary>Numbers that press a key on either side.</summary>
internal sealed class AxesMotor((int[] Less, int[] More)[] axes) : AppMotor
{
    private const float Threshold = 1f / 3;

    public override void Write(MomentBatch moments, int channel, AppPresses presses)
    {
        var values = moments.Vector(channel, 0);
        for (var i = 0; i < axes.Length; i++)
        {
            values[i] = values[i] > Threshold ? 1 : values[i] < -Threshold ? -1 : 0;
            presses.Press(values[i] > 0 ? axes[i].More : values[i] < 0 ? axes[i].Less : []);
        }
    }

    public override void Read(AppPresses presses, MomentBatch moments, int channel)
    {
        var values = moments.Vector(channel, 0);
        for (var i = 0; i < axes.Length; i++)
        {
            values[i] = (presses.Holds(axes[i].More) ? 1 : 0) - (presses.Holds(axes[i].Less) ? 1 : 0);
        }
    }
}

/// <summary>One of several, each of which presses some keys.</summary>
internal sealed class ChoicesMotor(int[][] choices) : AppMotor
{
    public override void Write(MomentBatch moments, int channel, AppPresses presses) => presses.Press(choices[moments.Category(channel, 0)]);

    public override void Read(AppPresses presses, MomentBatch moments, int channel)
    {
        // Of those that are held as a whole the one of most keys; where none is, the one that presses nothing.
        var best = Math.Max(0, Array.FindIndex(choices, static choice => choice.Length == 0));
        for (var i = 0; i < choices.Length; i++)
        {
            best = presses.Holds(choices[i]) && choices[i].Length > choices[best].Length ? i : best;
        }

        moments.Category(channel, 0) = best;
    }
}

/// <summary>The mouse: how far to the right and down, in whole pixels.</summary>
internal sealed class MouseMotor(double right, double down) : AppMotor
{
    public override void Write(MomentBatch moments, int channel, AppPresses presses)
    {
        var values = moments.Vector(channel, 0);
        var (x, y) = ((int)Math.Round(values[0] * right), (int)Math.Round(values[1] * down));
        presses.MouseX += x;
        presses.MouseY += y;
        (values[0], values[1]) = ((float)(x / right), (float)(y / down));
    }

    public override void Read(AppPresses presses, MomentBatch moments, int channel)
    {
        var values = moments.Vector(channel, 0);
        (values[0], values[1]) = ((float)Math.Clamp(presses.MouseX / right, -1, 1), (float)Math.Clamp(presses.MouseY / down, -1, 1));
    }
}
