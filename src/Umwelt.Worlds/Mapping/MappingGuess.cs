// Guesses a mapping by living in a world for a while: borders of pictures in which nothing ever happens are cropped, colours that are
// none given up, large pictures and high rates brought down to what small models take, numbers beyond ten to about one, and a
// number that is always whole and small to a category. A guess is a beginning for somebody who knows the world.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

internal static class MappingGuess
{
    private const int LargestPicture = 64;
    private const int SmallestPicture = 16;
    private const int PictureGrain = 16;
    private const double HighestRate = 30;
    private const double UsualRate = 20;
    private const double HighestSound = 24_000;
    private const double UsualSound = 16_000;
    private const double LargestNumber = 10;
    private const int MostChoices = 32;

    /// <summary>What a world that was lived in for so many moments looks like it should be mapped by.</summary>
    public static MappingDocument Of(string name, World world, long moments, long seed, CancellationToken cancellation)
    {
        var schema = world.Schema;
        var seen = schema.Channels.Select(static channel => new SeenChannel(channel)).ToArray();
        Live(world, moments, seed, seen, cancellation);
        var every = schema.Rate > HighestRate ? (int)Math.Round(schema.Rate / UsualRate) : 1;
        return new MappingDocument
        {
            World = name,
            Every = every,
            Channels = [.. seen.Select(channel => Guess(channel, schema, every))],
        };
    }

    private static void Live(World world, long wanted, long seed, SeenChannel[] seen, CancellationToken cancellation)
    {
        var moments = new MomentBatch(world.Schema, world.Count);
        var commands = new MomentBatch(world.Schema.Motor, world.Count);
        var occupant = new RandomOccupant(world.Schema.Motor, world.Count);
        for (var (lived, isOver) = (0L, true); lived < wanted; lived++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (isOver)
            {
                world.Reset(0, seed, moments);
                occupant.Reset(0, seed++);
            }
            else
            {
                occupant.Act(moments, commands, [true]);
                world.Step(commands, moments);
            }

            isOver = moments.Endings[0] != Ending.None;
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i].Add(moments, i);
            }
        }
    }

    private static ChannelMapping Guess(SeenChannel seen, Schema schema, int every)
    {
        var mapping = new ChannelMapping { Name = seen.Channel.Name };
        return seen.Channel switch
        {
            ImageChannel { Role: ChannelRole.Sense } picture when seen.IsSeen => OfPicture(mapping, picture, seen),
            SoundChannel { Role: ChannelRole.Sense } sound when schema.SampleRate(sound) > HighestSound =>
                mapping with { Samples = every * Math.Max(1, (int)Math.Round(sound.Samples * UsualSound / schema.SampleRate(sound))) },
            VectorChannel { Role: ChannelRole.Sense } vector when seen.IsSeen => OfNumbers(mapping, vector, seen),
            _ => mapping,
        };
    }

    private static ChannelMapping OfPicture(ChannelMapping mapping, ImageChannel picture, SeenChannel seen)
    {
        var (left, top, width, height) = seen.Lively();
        if (width < SmallestPicture || height < SmallestPicture)
        {
            (left, top, width, height) = (0, 0, picture.Width, picture.Height);
        }

        if (width < picture.Width || height < picture.Height)
        {
            mapping = mapping with { Crop = [left, top, width, height] };
        }

        if (width > LargestPicture || height > LargestPicture)
        {
            var shrink = (double)LargestPicture / Math.Max(width, height);
            mapping = mapping with { Size = [Grain(width * shrink), Grain(height * shrink)] };
        }

        return mapping with { Grey = picture.Colours > 1 && seen.IsGrey };

        static int Grain(double length) => Math.Max(SmallestPicture, (int)Math.Round(length / PictureGrain) * PictureGrain);
    }

    private static ChannelMapping OfNumbers(ChannelMapping mapping, VectorChannel vector, SeenChannel seen)
    {
        if (vector.Size == 1 && seen.IsWhole && seen.Least[0] >= 0 && seen.Most[0] is >= 1 and < MostChoices)
        {
            var declared = vector.Maximum.IsDefault || !(vector.Maximum[0] < MostChoices) ? seen.Most[0] : MathF.Max(seen.Most[0], MathF.Floor(vector.Maximum[0]));
            return mapping with { Count = (int)declared + 1 };
        }

        if (!seen.Least.Zip(seen.Most).Any(static range => Math.Max(Math.Abs(range.First), Math.Abs(range.Second)) > LargestNumber))
        {
            return mapping;
        }

        var scale = seen.Least.Zip(seen.Most).Select(static range => Two(2 / (range.Second - range.First))).ToArray();
        return mapping with
        {
            Scale = scale,
            Offset = [.. seen.Least.Zip(seen.Most).Select((range, i) => Two(-(range.First + range.Second) / 2 * scale[i]))],
        };
    }

    // Two digits are what a guess knows; a number that never changes is left as large as it is.
    private static float Two(double value) =>
        double.IsFinite(value) ? float.Parse(value.ToString("G2", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture) : 1;

    /// <summary>What was seen of a channel.</summary>
    private sealed class SeenChannel(Channel channel)
    {
        private byte[] _darkest = [];
        private byte[] _brightest = [];

        public Channel Channel { get; } = channel;

        public bool IsSeen { get; private set; }

        public bool IsGrey { get; private set; } = true;

        public bool IsWhole { get; private set; } = true;

        public float[] Least { get; private set; } = [];

        public float[] Most { get; private set; } = [];

        public void Add(MomentBatch moments, int index)
        {
            if (!moments.IsPresent(index, 0))
            {
                return;
            }

            if (Channel is ImageChannel picture)
            {
                AddPicture(moments.Image(index, 0), picture.Colours);
            }
            else if (Channel is VectorChannel)
            {
                AddNumbers(moments.Vector(index, 0));
            }

            IsSeen = true;
        }

        // The part in which anything ever changes: what it leaves out is a frame that says nothing.
        public (int Left, int Top, int Width, int Height) Lively()
        {
            var picture = (ImageChannel)Channel;
            var (left, top, right, bottom) = (picture.Width, picture.Height, -1, -1);
            for (var i = 0; i < _darkest.Length; i++)
            {
                if (_darkest[i] != _brightest[i])
                {
                    var (x, y) = (i / picture.Colours % picture.Width, i / picture.Colours / picture.Width);
                    (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
                }
            }

            return (left, top, right - left + 1, bottom - top + 1);
        }

        private void AddPicture(ReadOnlySpan<byte> pixels, int colours)
        {
            if (!IsSeen)
            {
                (_darkest, _brightest) = (pixels.ToArray(), pixels.ToArray());
            }

            for (var i = 0; i < pixels.Length; i++)
            {
                _darkest[i] = Math.Min(_darkest[i], pixels[i]);
                _brightest[i] = Math.Max(_brightest[i], pixels[i]);
            }

            for (var i = 0; i + 2 < pixels.Length && IsGrey; i += colours)
            {
                IsGrey = colours == 1 || (pixels[i] == pixels[i + 1] && pixels[i] == pixels[i + 2]);
            }
        }

        private void AddNumbers(ReadOnlySpan<float> numbers)
        {
            if (!IsSeen)
            {
                (Least, Most) = (numbers.ToArray(), numbers.ToArray());
            }

            for (var i = 0; i < numbers.Length; i++)
            {
                Least[i] = Math.Min(Least[i], numbers[i]);
                Most[i] = Math.Max(Most[i], numbers[i]);
                IsWhole &= numbers[i] == MathF.Round(numbers[i]);
            }
        }
    }
}
