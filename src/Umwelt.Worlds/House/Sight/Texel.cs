// Colours while textures are painted: red, green, blue from 0 to 1, and how much of it shines by itself or covers what is
// behind. Packed they are the 32-bit texels that hot loops read: red in the lowest byte, then green, blue and the fourth.
namespace Umwelt.Worlds.House.Sight;

internal readonly record struct Texel(float Red, float Green, float Blue, float Fourth = 0)
{
    /// <summary>A colour as people write it, such as 0xAA3311.</summary>
    public static Texel Of(int rgb, float fourth = 0) => new((rgb >> 16) / 255f, ((rgb >> 8) & 255) / 255f, (rgb & 255) / 255f, fourth);

    public static Texel operator *(Texel texel, float factor) => texel with { Red = texel.Red * factor, Green = texel.Green * factor, Blue = texel.Blue * factor };

    public static Texel operator +(Texel a, Texel b) => new(a.Red + b.Red, a.Green + b.Green, a.Blue + b.Blue, a.Fourth + b.Fourth);

    /// <summary>Between this and another colour.</summary>
    public Texel To(Texel other, float share) => new(
        Red + ((other.Red - Red) * share),
        Green + ((other.Green - Green) * share),
        Blue + ((other.Blue - Blue) * share),
        Fourth + ((other.Fourth - Fourth) * share));

    public uint Pack() => Byte(Red) | (Byte(Green) << 8) | (Byte(Blue) << 16) | (Byte(Fourth) << 24);

    public static Texel Unpack(uint packed) =>
        new((packed & 255) / 255f, ((packed >> 8) & 255) / 255f, ((packed >> 16) & 255) / 255f, (packed >> 24) / 255f);

    private static uint Byte(float value) => (uint)Math.Clamp((value * 255) + 0.5f, 0, 255);
}
