// A moment as a hash that small changes leave alone: pictures as four grey levels of a 3x3 grid, sound as a coarse level,
// numbers rounded to three bits after the leading one, categories and text as they are.
namespace Umwelt.Moments.Curation;

internal sealed class CoarseMoment(Schema schema)
{
    private const int Grid = 3;
    private const int GreyLevels = 4;

    public ulong Hash(MomentBatch batch, int row)
    {
        var hash = 0UL;
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (!batch.IsPresent(i, row))
            {
                Add((ulong)i << 32);
                continue;
            }

            switch (schema.Channels[i])
            {
                case ImageChannel image:
                    AddPicture(batch.Image(i, row), image);
                    break;
                case SoundChannel:
                    var energy = 0.0;
                    foreach (var sample in batch.Sound(i, row))
                    {
                        energy += (double)sample * sample;
                    }

                    Add((ulong)Math.Round(Math.Log2(1 + (energy / batch.Sound(i, row).Length)) / 3));
                    break;
                case VectorChannel:
                    foreach (var value in batch.Vector(i, row))
                    {
                        Add(Math.Abs(value) < 1e-3 ? 0 : (BitConverter.SingleToUInt32Bits(value) + (1u << 19)) >> 20);
                    }

                    break;
                case CategoryChannel:
                    Add((ulong)batch.Category(i, row));
                    break;
                default:
                    Add(MinHash.Hash(batch.Text(i, row)));
                    break;
            }
        }

        return hash;

        void Add(ulong value) => hash = MinHash.Mix(hash + value + 0x9e3779b97f4a7c15);

        void AddPicture(ReadOnlySpan<byte> pixels, ImageChannel image)
        {
            for (var y = 0; y < Grid; y++)
            {
                for (var x = 0; x < Grid; x++)
                {
                    var sum = 0L;
                    var count = 0;
                    for (var py = y * image.Height / Grid; py < Math.Max((y * image.Height / Grid) + 1, (y + 1) * image.Height / Grid); py++)
                    {
                        var from = ((py * image.Width) + (x * image.Width / Grid)) * image.Colours;
                        var to = ((py * image.Width) + Math.Max((x * image.Width / Grid) + 1, (x + 1) * image.Width / Grid)) * image.Colours;
                        foreach (var value in pixels[from..to])
                        {
                            sum += value;
                        }

                        count += to - from;
                    }

                    Add((ulong)Math.Round((double)sum / count / 256 * GreyLevels));
                }
            }
        }
    }
}
