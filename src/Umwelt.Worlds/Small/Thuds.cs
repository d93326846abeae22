// The sound of bounces: each is a tone that fades within a tenth of a second, placed between the ears. A thud that has not
// faded when its moment is over goes on in the next. A fixed number sound at once; the faintest gives way.
namespace Umwelt.Worlds.Small;

internal sealed class Thuds(double sampleRate)
{
    private const int Most = 8;
    private const double FadeSeconds = 0.03;
    private const double LoudestSpeed = 2;
    private const double Loudest = 12_000;
    private const double Inaudible = 0.5;

    private readonly Thud[] _thuds = new Thud[Most];

    public void Silence() => Array.Clear(_thuds);

    /// <summary>Begins a thud.</summary>
    /// <param name="sample">When, in samples from the beginning of the moment.</param>
    /// <param name="speed">How hard.</param>
    /// <param name="place">Where, from 0 at the left to 1 at the right.</param>
    /// <param name="pitch">Its tone in hertz.</param>
    public void Add(int sample, double speed, double place, double pitch)
    {
        var faintest = 0;
        for (var i = 1; i < Most; i++)
        {
            faintest = _thuds[i].Strength < _thuds[faintest].Strength ? i : faintest;
        }

        var strength = Math.Min(1, speed / LoudestSpeed) * Loudest;
        var fade = Math.Exp(-1 / (FadeSeconds * sampleRate));
        var angle = 2 * Math.PI * pitch / sampleRate;
        _thuds[faintest] = new Thud
        {
            Wait = sample,
            Strength = strength,
            Cosine = strength,
            Sine = 0,
            TurnCosine = fade * Math.Cos(angle),
            TurnSine = fade * Math.Sin(angle),
            Left = Math.Sqrt(1 - Math.Clamp(place, 0, 1)),
            Right = Math.Sqrt(Math.Clamp(place, 0, 1)),
        };
    }

    /// <summary>Writes one moment of sound, left and right together.</summary>
    public void Play(Span<short> samples)
    {
        samples.Clear();
        for (var i = 0; i < Most; i++)
        {
            if (_thuds[i].Strength > 0)
            {
                Play(ref _thuds[i], samples);
            }
        }
    }

    private static void Play(ref Thud thud, Span<short> samples)
    {
        for (var at = 2 * thud.Wait; at < samples.Length; at += 2)
        {
            samples[at] = (short)Math.Clamp(samples[at] + (thud.Sine * thud.Left), short.MinValue, short.MaxValue);
            samples[at + 1] = (short)Math.Clamp(samples[at + 1] + (thud.Sine * thud.Right), short.MinValue, short.MaxValue);
            (thud.Cosine, thud.Sine) = ((thud.Cosine * thud.TurnCosine) - (thud.Sine * thud.TurnSine), (thud.Cosine * thud.TurnSine) + (thud.Sine * thud.TurnCosine));
        }

        thud.Wait = 0;
        thud.Strength = Math.Sqrt((thud.Cosine * thud.Cosine) + (thud.Sine * thud.Sine));
        if (thud.Strength < Inaudible)
        {
            thud = default;
        }
    }

    /// <summary>A tone as a point that turns and shrinks: its height is the sound.</summary>
    private struct Thud
    {
        public int Wait;
        public double Strength;
        public double Cosine;
        public double Sine;
        public double TurnCosine;
        public double TurnSine;
        public double Left;
        public double Right;
    }
}
