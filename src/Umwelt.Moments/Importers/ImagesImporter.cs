// Folders of pictures: each folder that holds pictures is an episode, in the natural order of its files. PNG is read here,
// other formats by ffmpeg, and only where there are such.
using Umwelt.Moments.Video;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class ImagesImporter : Importer
{
    private const double UsualRate = 20;
    private const int HeadBytes = 64;
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".tga"];

    private readonly List<List<string>> _episodes = [];

    private ImagesImporter(string source, ImportOptions options, CancellationToken cancellation)
    {
        var files = SourceFiles.Of(source, Extensions);
        var folders = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var folder = Path.GetDirectoryName(file) ?? "";
            if (!folders.TryGetValue(folder, out var pictures))
            {
                folders[folder] = pictures = [];
                _episodes.Add(pictures);
            }

            pictures.Add(file);
        }

        (int Width, int Height)? first = null;
        var (others, foreign) = (0, 0);
        var head = new byte[HeadBytes];
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.Read(handle, head, 0);
            if (length == 0)
            {
                throw new InvalidFileException(file, "the file is empty");
            }

            if (IsPng(file))
            {
                var info = Png.ReadInfo(head.AsSpan(0, length), file);
                first ??= (info.Width, info.Height);
                others += (info.Width, info.Height) == first ? 0 : 1;
            }
            else
            {
                foreign++;
                if (first is null)
                {
                    var pictures = VideoInfo.Probe(file, cancellation).Pictures ?? throw new InvalidFileException(file, "it holds no picture");
                    first = (pictures.Width, pictures.Height);
                }
            }
        }

        var warnings = new List<string>();
        if (others > 0)
        {
            warnings.Add($"{others} of {files.Count} pictures have another size than the first; they are stretched to one");
        }

        if (foreign > 0)
        {
            warnings.Add($"{foreign} of {files.Count} pictures are no PNG: ffmpeg reads them one by one, some 20 a second");
        }

        var (width, height) = PictureSize.Of(first!.Value.Width, first.Value.Height, options);
        Plan = new ImportPlan
        {
            Format = "images",
            Source = source,
            Schema = SchemaOf(source, options.Rate ?? UsualRate, new ImageChannel(options.ChannelOf("sight"), height, width)),
            Map = [new ImportMapping($"{first.Value.Width}x{first.Value.Height}", options.ChannelOf("sight"), ChannelKind.Image, ChannelRole.Sense)],
            EpisodeCount = _episodes.Count,
            MomentCount = files.Count,
            Warnings = [.. warnings],
            Fingerprint = SourceFiles.Fingerprint(source, files, "images", options.ToJson()),
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Open(string source, ImportOptions options, CancellationToken cancellation) => new ImagesImporter(source, options, cancellation);

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) =>
        new Pictures(_episodes[episode], (ImageChannel)Plan.Schema.Channels[0], cancellation);

    private static bool IsPng(string file) => Path.GetExtension(file).Equals(".png", StringComparison.OrdinalIgnoreCase);

    private sealed class Pictures(List<string> files, ImageChannel channel, CancellationToken cancellation) : EpisodeSource
    {
        private PictureScaler? _scaler;
        private int _next;

        public override bool Read(MomentBatch row)
        {
            if (_next == files.Count)
            {
                return false;
            }

            var file = files[_next++];
            var pixels = row.Image(0, 0);
            if (IsPng(file))
            {
                var picture = Png.Read(file, PngLayout.Rgb);
                if (_scaler is null || !_scaler.Fits(picture.Width, picture.Height))
                {
                    _scaler = new PictureScaler(picture.Width, picture.Height, channel.Width, channel.Height);
                }

                _scaler.Scale(picture.Pixels, pixels);
            }
            else
            {
                VideoReader.Still(file, channel.Width, channel.Height, cancellation).CopyTo(pixels);
            }

            row.SetPresent(0, 0);
            return true;
        }
    }
}
