// Turns what sounds into the samples of one moment for two ears. Each sound is read from its wave at a delay and a level
// that go straight from where they were at the moment's beginning to where they are at its end, so moments join without
// a step. Reads the state, changes nothing.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Umwelt.Worlds.House.Sight;

namespace Umwelt.Worlds.House.Hearing;

internal sealed unsafe class HouseMixer
{
    private const int Samples = HouseSounds.Samples;
    private const float Silent = 1e-5f;

    private readonly float[] _left = GC.AllocateArray<float>(Samples, pinned: true);
    private readonly float[] _right = GC.AllocateArray<float>(Samples, pinned: true);

    /// <summary>Writes the moment's samples, left and right of each instant together.</summary>
    public void Mix(ref HouseState state, Span<short> samples)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(samples.Length, 2 * Samples);
        Array.Clear(_left);
        Array.Clear(_right);
        ref var sound = ref state.Sound;
        AddLoop(SoundTable.Hum, sound.Clock, sound.Hum);
        AddLoop(SoundTable.Radio, sound.Clock, sound.Radio);
        for (var i = 0; i < Shots.Count; i++)
        {
            ref var shot = ref sound.Shots[i];
            if (shot.Table != SoundTable.None)
            {
                var wave = SoundBank.Of(shot.Table);

                // Near its end a wave is followed by less silence than a moment lasts.
                Add(wave, Math.Min(shot.Position, wave.Length + 16), shot.Ramp);
            }
        }

        fixed (float* left = _left, right = _right)
        fixed (short* to = samples)
        {
            Interleave(left, right, to);
        }
    }

    private void AddLoop(SoundTable table, int clock, in Ramp ramp)
    {
        var wave = SoundBank.Of(table);
        Add(wave, (int)((long)clock * Samples % wave.Length), ramp);
    }

    private void Add(Wave wave, int position, in Ramp ramp)
    {
        fixed (float* left = _left, right = _right, bright = wave.Bright, dull = wave.Dull)
        {
            var at = Wave.Before + position;
            AddEar(left, bright + at, dull + at, ramp.From.Left, ramp.To.Left, ramp.From.LeftDelay, ramp.To.LeftDelay, ramp.From.Dull, ramp.To.Dull);
            AddEar(right, bright + at, dull + at, ramp.From.Right, ramp.To.Right, ramp.From.RightDelay, ramp.To.RightDelay, ramp.From.Dull, ramp.To.Dull);
        }
    }

    // From and to are what holds at the first sample of this moment and of the next one.
    private static void AddEar(float* ear, float* bright, float* dull, float fromGain, float toGain, float fromDelay, float toDelay, float fromDull, float toDull)
    {
        if (fromGain < Silent && toGain < Silent)
        {
            return;
        }

        var isDulled = fromDull > 0.01f || toDull > 0.01f;
        var count = Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7);
        var gainStep = Vector256.Create((toGain - fromGain) / Samples);
        var delayStep = Vector256.Create((toDelay - fromDelay) / Samples);
        var dullStep = Vector256.Create((toDull - fromDull) / Samples);
        for (var i = 0; i < Samples; i += 8)
        {
            var time = count + Vector256.Create((float)i);
            var gain = Vector256.Create(fromGain) + (gainStep * time);
            var place = time - (Vector256.Create(fromDelay) + (delayStep * time));
            var whole = Vector256.Floor(place);
            var part = place - whole;
            var index = Vector256.ConvertToInt32Native(whole);
            var sample = Read(bright, index, part);
            if (isDulled)
            {
                var share = Vector256.Create(fromDull) + (dullStep * time);
                sample += share * (Read(dull, index, part) - sample);
            }

            (Vector256.Load(ear + i) + (gain * sample)).Store(ear + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Read(float* wave, Vector256<int> index, Vector256<float> part)
    {
        var here = Gathering.Floats(wave, index);
        return here + (part * (Gathering.Floats(wave + 1, index) - here));
    }

    // What is loud is bent towards the limit instead of being cut there.
    private static void Interleave(float* left, float* right, short* samples)
    {
        for (var i = 0; i < Samples; i += 8)
        {
            var l = Vector256.ConvertToInt32Native(Limited(Vector256.Load(left + i)));
            var r = Vector256.ConvertToInt32Native(Limited(Vector256.Load(right + i)));

            // Left in the low half of each pair, right in the high half.
            ((l & Vector256.Create(0xFFFF)) | (r << 16)).Store((int*)samples + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Limited(Vector256<float> x)
    {
        // x (27 + x^2) / (27 + 9 x^2): as the hyperbolic tangent up to 3, where it reaches 1.
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(-3f)), Vector256.Create(3f));
        var square = x * x;
        var bent = x * (Vector256.Create(27f) + square) / (Vector256.Create(27f) + (Vector256.Create(9f) * square));
        return Vector256.Floor((bent * Vector256.Create(32000f)) + Vector256.Create(0.5f));
    }
}
