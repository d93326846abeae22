// Sounds, pictures and text: sample for sample, pixel for pixel, byte for byte, and a clear word about what is broken.
using System.Text;
using Umwelt.Moments.Importers;
using Umwelt.Moments.Tests.Video;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Importers;

public sealed class SimpleImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sound_comes_sample_for_sample_with_silence_at_the_end()
    {
        var samples = new float[(400 * 3) + 10];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = ((i % 2000) - 1000) / 32768f;
        }

        Wav.Write(_folder["a.wav"], samples, 4000, 2);
        var imported = Imported.From("wav", _folder["a.wav"]);
        Assert.Equal([200, 2], imported.Schema["hearing"].Shape);
        Assert.Equal(4, imported.Moments.Count);
        var heard = Enumerable.Range(0, 4).SelectMany(row => imported.Moments[row].Sound("hearing").ToArray()).ToArray();
        Assert.Equal(samples.Select(sample => (short)(sample * 32768)).Concat(new short[390]), heard);
        Assert.Contains(imported.Plan.Warnings, warning => warning.Contains("silence", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_said_stands_beside_a_file_and_is_shared_out_over_its_moments()
    {
        Directory.CreateDirectory(_folder["set"]);
        foreach (var (name, moments) in new[] { ("a", 4), ("b", 3), ("c", 20) })
        {
            Wav.Write(_folder[$"set/{name}.wav"], new float[(400 * moments) - 10], 8000, 1);
        }

        File.WriteAllText(_folder["set/a.txt"], "\uFEFFguten\n Tag,  𝄞 Welt\r\n");
        File.WriteAllText(_folder["set/c.txt"], "so");
        var imported = Imported.From("wav", _folder["set"]);
        Assert.Equal(new TextChannel("speech"), imported.Schema["speech"]);
        var all = Enumerable.Range(0, imported.Moments.Count).Select(row => imported.Moments[row]).ToArray();
        var said = all.Take(4).Select(moment => moment.Text("speech")).ToArray();
        Assert.Equal("guten Tag, 𝄞 Welt", string.Concat(said));
        Assert.All(said, static part => Assert.InRange(part.EnumerateRunes().Count(), 4, 5));
        Assert.All(all.Skip(4).Take(3), static moment => Assert.False(moment.Has("speech")));
        var slow = all.Skip(7).ToArray();
        Assert.All(slow, static moment => Assert.True(moment.Has("speech")));
        Assert.Equal(["s", "o"], slow.Select(static moment => moment.Text("speech")).Where(static part => part.Length > 0));
        Assert.Equal("o", slow[^1].Text("speech"));
        Assert.Contains(imported.Plan.Warnings, warning => warning.Contains("1 of 3 files have no text", StringComparison.Ordinal));
        File.WriteAllBytes(_folder["set/a.txt"], [0xff, 0xfe, 0x41]);
        Assert.Contains("not UTF-8", Assert.Throws<InvalidFileException>(() => Importer.Open("wav", _folder["set"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_that_does_not_divide_names_one_that_does()
    {
        Wav.Write(_folder["a.wav"], new float[100], 22050, 1);
        var error = Assert.Throws<InvalidFileException>(() => Importer.Open("wav", _folder["a.wav"], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("--rate 21 would do", error.Message, StringComparison.Ordinal);
        Wav.Write(_folder["a.wav"], [], 8000, 1);
        Assert.Contains("no sound", Assert.Throws<InvalidFileException>(() => Importer.Open("wav", _folder["a.wav"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_come_in_natural_order_an_episode_a_folder()
    {
        foreach (var (name, level) in new[] { ("b/2.png", 20), ("b/10.png", 100), ("b/1.png", 10), ("a/1.png", 5) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["set/" + name])!);
            Png.Write(_folder["set/" + name], Enumerable.Repeat((byte)level, 16 * 8 * 3).ToArray(), 16, 8, PngLayout.Rgb);
        }

        var imported = Imported.From("images", _folder["set"]);
        Assert.Equal([8, 16, 3], imported.Schema["sight"].Shape);
        Assert.Equal([5, 10, 20, 100], Enumerable.Range(0, 4).Select(row => (int)imported.Moments[row].Image("sight")[0]));
        Assert.Equal([1L, 3L], imported.Episodes.Select(episode => episode.Length));
    }

    [Fact]
    public void A_folder_that_links_back_to_itself_is_read_once()
    {
        Directory.CreateDirectory(_folder["set/a"]);
        Png.Write(_folder["set/a/1.png"], new byte[8 * 8 * 3], 8, 8, PngLayout.Rgb);
        Directory.CreateSymbolicLink(_folder["set/a/loop"], _folder["set"]);
        File.CreateSymbolicLink(_folder["set/a/2.png"], _folder["set/a/1.png"]);
        using var importer = Importer.Open("images", _folder["set"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1, 2L), (importer.Plan.EpisodeCount, importer.Plan.MomentCount));
    }

    [Fact]
    public void A_picture_of_the_wanted_size_comes_pixel_for_pixel()
    {
        var pixels = Enumerable.Range(0, 8 * 8 * 3).Select(i => (byte)(i * 7)).ToArray();
        Png.Write(_folder["a.png"], pixels, 8, 8, PngLayout.Rgb);
        var imported = Imported.From("images", _folder["a.png"], new ImportOptions { Width = 8, Height = 8, Map = [ImportMapping.Parse("sight=camera")] });
        Assert.Equal(pixels, imported.Moments[0].Image("camera").ToArray());
    }

    [Theory]
    [InlineData(64, 48, 16, 12)]
    [InlineData(10, 10, 7, 3)]
    [InlineData(5, 4, 20, 31)]
    [InlineData(1, 1, 8, 8)]
    public void Scaling_keeps_an_even_picture_even_and_the_mean_nearly(int fromWidth, int fromHeight, int width, int height)
    {
        var scaler = new PictureScaler(fromWidth, fromHeight, width, height);
        var even = Enumerable.Repeat((byte)77, fromWidth * fromHeight * 3).ToArray();
        var result = new byte[width * height * 3];
        scaler.Scale(even, result);
        Assert.All(result, value => Assert.Equal(77, value));
        var ramp = Enumerable.Range(0, fromWidth * fromHeight * 3).Select(i => (byte)(i / 3 % fromWidth * 250 / fromWidth)).ToArray();
        scaler.Scale(ramp, result);
        Assert.Equal(ramp.Average(value => value), result.Average(value => value), 1.0);
    }

    [Fact]
    public void Pictures_that_are_broken_are_named()
    {
        File.WriteAllBytes(_folder["a.png"], []);
        Assert.Contains("empty", Assert.Throws<InvalidFileException>(() => Importer.Open("images", _folder["a.png"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["a.png"], "this is not a picture, however long one looks at it or hopes");
        Assert.StartsWith(_folder["a.png"], Assert.Throws<InvalidFileException>(() => Importer.Open("images", _folder["a.png"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["none"]);
        Assert.Contains("holds no", Assert.Throws<InvalidFileException>(() => Importer.Open("images", _folder["none"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Importer.Open("images", _folder["nowhere"], cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Pictures_of_other_formats_come_through_ffmpeg()
    {
        NeedsFfmpeg.OrSkip();
        NeedsFfmpeg.Make(_folder["a.jpg"], "-f lavfi -i color=c=red:size=40x30 -frames:v 1");
        var imported = Imported.From("images", _folder["a.jpg"], new ImportOptions { Width = 8, Height = 8 });
        var pixel = imported.Moments[0].Image("sight")[..3];
        Assert.True(pixel[0] > 240 && pixel[1] < 15 && pixel[2] < 15);
    }

    [Theory]
    [InlineData("one\ntwo\r\n\nfour")]
    [InlineData("one\ntwo\r\n\nfour\n")]
    public void A_line_is_a_moment_and_the_end_of_a_text_is_an_end(string text)
    {
        File.WriteAllText(_folder["a.txt"], text);
        var imported = Imported.From("text", _folder["a.txt"]);
        Assert.Equal(["one", "two", "", "four"], imported.Text("text"));
        Assert.Equal([Ending.End], imported.Episodes.Select(episode => episode.Ending));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Parts_of_a_text_put_together_are_the_text_and_cut_no_character(int bytes)
    {
        var text = string.Concat(Enumerable.Repeat("aßc€de😀f\r\n", 50));
        File.WriteAllText(_folder["a.txt"], text);
        var parts = Imported.From("text", _folder["a.txt"], new ImportOptions { TextBytes = bytes }).Text("text").ToArray();
        Assert.Equal(text, string.Concat(parts));
        Assert.All(parts, part => Assert.InRange(Encoding.UTF8.GetByteCount(part!), 1, bytes));
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused_with_its_place()
    {
        File.WriteAllBytes(_folder["a.txt"], [.. "good\nb"u8, 0xFF, .. "d\n"u8]);
        Assert.Equal(5, Assert.Throws<InvalidFileException>(() => Importer.Open("text", _folder["a.txt"], cancellation: TestContext.Current.CancellationToken)).Offset);
        File.WriteAllBytes(_folder["a.txt"], []);
        Assert.Contains("empty", Assert.Throws<InvalidFileException>(() => Importer.Open("text", _folder["a.txt"], cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_sort_as_people_count() => Assert.Equal(
        ["a1", "a2", "a10", "b", "b01", "b1c"],
        new[] { "b1c", "a10", "b", "a2", "a1", "b01" }.Order(Comparer<string>.Create(SourceFiles.Natural)));
}
