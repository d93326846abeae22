// Broken tokenizers: a sound tokenizer.json of some style is damaged. What the reader still takes must work: it encodes a text, its
// tokens decode, and where it promises to lose nothing it loses nothing.
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

using Umwelt.Networks.Text;
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class TokenizerFuzz : FuzzTarget
{
    public const string TokenizerMemoryBound = "for a tokenizer with its tables and what it encodes, 256 bytes for each byte of the file and 4 MiB";

    private static readonly byte[] Probe = [.. "ab abba <s> <x>Don't 12345\n\n  na\u00efve e\u0301 \u4f60\u597d\u2581\ud83d\ude00"u8, 0xFF, 0x80, .. " b"u8];

    private static readonly string[] Normalizers =
        ["null", """{"type":"NFC"}""", """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""];

    private static readonly string[] Splittings =
    [
        "null",
        """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":true}]}""",
        """{"type":"Split","pattern":{"Regex":"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""",
    ];

    private static readonly string[] Frames =
    [
        "null",
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[9],"tokens":["<s>"]}}}""",
    ];

    private static readonly string[] Decoders =
    [
        "null",
        """{"type":"ByteLevel"}""",
        """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""",
    ];

    private static readonly string[] Models =
    [
        """ "vocab":{"a":0,"b":1,"Ġ":2,"ab":3,"Ġab":4,"▁":5,"aba":6,"é":7,"<unk>":8},"merges":["a b",["Ġ","ab"],"ab a"]""",
        """ "unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"vocab":{"<unk>":0,"<0x0A>":1,"a":2,"b":3,"▁":4,"▁a":5,"▁ab":6},"merges":["▁ a","▁a b"]""",
        """ "ignore_merges":true,"unk_token":null,"vocab":{"a":0,"b":1,"ab":2,"abb":3,"Ġabba":4,"\u0120":5},"merges":[]""",
    ];

    private static readonly byte[] AllBytes = Encoding.UTF8.GetBytes(Written());

    public override string Name => "tokenizer";

    public override byte[] Make(ref RandomStream random)
    {
        var text = random.NextInt32(8) == 0 ? [.. AllBytes] : new List<byte>(Encoding.UTF8.GetBytes(
            $$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":9,"content":"<s>","single_word":false,"lstrip":false,"rstrip":true,"normalized":false,"special":true},
            {"id":10,"content":"<x>","single_word":true,"lstrip":true,"rstrip":false,"normalized":true,"special":false}],
            "normalizer":{{Pick(Normalizers, ref random)}},"pre_tokenizer":{{Pick(Splittings, ref random)}},
            "post_processor":{{Pick(Frames, ref random)}},"decoder":{{Pick(Decoders, ref random)}},"model":{"type":"BPE",{{Pick(Models, ref random)}} } }
            """));
        for (var strikes = random.NextInt32(4); strikes > 0; strikes--)
        {
            JsonDamage.Strike(text, ref random);
        }

        return text.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        var tokenizer = Tokenizer.Read(new MemoryStream(file), name);
        List<int> tokens = [], framed = [];
        tokenizer.Encode(Probe, tokens);
        tokenizer.Encode(Probe, framed, SpecialTokens.Allowed);
        var decoded = new ArrayBufferWriter<byte>();
        tokenizer.Decode(CollectionsMarshal.AsSpan(framed), decoded, skipSpecial: true);
        decoded.ResetWrittenCount();
        tokenizer.Decode(CollectionsMarshal.AsSpan(tokens), decoded);
        if (tokenizer.IsLossless && !decoded.WrittenSpan.SequenceEqual(Probe))
        {
            throw new InvalidOperationException("A tokenizer that promises to lose nothing has lost something.");
        }

        using var written = new MemoryStream();
        tokenizer.Write(written);
        written.Position = 0;
        List<int> again = [];
        Tokenizer.Read(written, name).Encode(Probe, again);
        if (!again.SequenceEqual(tokens))
        {
            throw new InvalidOperationException("A tokenizer written and read back gives other tokens.");
        }
    }

    protected override long Extra(byte[] file) => (240L * file.Length) + (4L << 20);

    private static string Pick(string[] choices, ref RandomStream random) => choices[random.NextInt32(choices.Length)];

    private static string Written()
    {
        using var stream = new MemoryStream();
        Tokenizer.OfBytes().Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
