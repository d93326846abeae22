// Canonical composition is that of Unicode, and leaves alone what is no text.
using System.Text;

using Umwelt.Networks.Text.Internal;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Networks.Text.Tests;

public sealed class NfcTests
{
    [Fact]
    public void Texts_become_what_Unicode_says()
    {
        using var golden = GoldenFiles.Open("unicode.json");
        foreach (var item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            Assert.Equal(item.GetProperty("nfc").GetString()!, Compose(item.GetProperty("text").GetString()!));
        }
    }

    [Fact]
    public void Every_character_that_decomposes_composes_as_Unicode_says()
    {
        using var golden = GoldenFiles.Open("unicode.json");
        string[] Column(string name) => golden.RootElement.GetProperty(name).GetString()!.Split('|');
        var (characters, composed, decomposed) = (Column("characters"), Column("nfc"), Column("nfd"));
        Assert.True(characters.Length > 2000);
        for (var i = 0; i < characters.Length; i++)
        {
            Assert.Equal(composed[i], Compose(characters[i]));
            Assert.Equal(composed[i], Compose(decomposed[i]));
        }
    }

    [Fact]
    public void Every_syllable_of_Hangul_composes_from_its_letters()
    {
        for (var code = 0xAC00; code < 0xD7A4; code += 7)
        {
            var index = code - 0xAC00;
            var letters = $"{(char)(0x1100 + (index / 588))}{(char)(0x1161 + (index / 28 % 21))}" + (index % 28 == 0 ? "" : $"{(char)(0x11A7 + (index % 28))}");
            Assert.Equal(((char)code).ToString(), Compose(letters));
        }
    }

    [Fact]
    public void Composing_twice_is_composing_once_and_bytes_that_are_no_text_stay()
    {
        var random = RandomStream.Of(3);
        for (var i = 0; i < 500; i++)
        {
            var bytes = RandomText.Bytes(ref random, 30);
            var once = Compose(bytes);
            Assert.Equal(once, Compose(once));
        }

        Assert.Equal([.. "a"u8, 0xFF, .. "\u0301é"u8], Compose([.. "a"u8, 0xFF, .. "\u0301e\u0301"u8]));
    }

    private static string Compose(string text) => Encoding.UTF8.GetString(Compose(Encoding.UTF8.GetBytes(text)));

    private static byte[] Compose(byte[] text)
    {
        var result = new GrowingBytes();
        new Nfc().Append(text, result);
        return result.Written.ToArray();
    }
}
