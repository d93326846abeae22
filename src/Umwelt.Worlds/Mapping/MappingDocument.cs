// What a mapping's file may say. Keys that are not here are errors, so that a mistyped one is never silently ignored; comments
// and commas at the end are welcome, since people write these files. Properties can be set because the reader gives those that are
// only initialised the zero of their type where a file does not name them.
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Mapping;

/// <summary>How a world is seen and steered through other channels than its own.</summary>
internal sealed record MappingDocument
{
    /// <summary>The world that is mapped, by its name in the catalogue.</summary>
    public string World { get; set; } = "";

    /// <summary>Moments of the world in one of the mapping: commands are held, sounds follow each other, rewards are added up.</summary>
    public int Every { get; set; } = 1;

    /// <summary>The channels there are instead; what is not named is left out, and motors that are left out are held still.</summary>
    public IReadOnlyList<ChannelMapping> Channels { get; set; } = [];

    public static MappingDocument Read(string path) => DocumentFile.Read(path, MappingJson.Default.MappingDocument, "a mapping");

    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, MappingJson.Default.MappingDocument) + "\n");
}

/// <summary>One channel and how it is made of the world's; each kind of channel knows some of the keys.</summary>
internal sealed record ChannelMapping
{
    /// <summary>What it is called.</summary>
    public string Name { get; set; } = "";

    /// <summary>The world's channels that it is made of, of one role; vectors are stacked one after another. Its own name unless said.</summary>
    public IReadOnlyList<string>? From { get; set; }

    /// <summary>Pictures: left, top, width and height of the part that is kept.</summary>
    public IReadOnlyList<int>? Crop { get; set; }

    /// <summary>Pictures: width and height that they are brought to.</summary>
    public IReadOnlyList<int>? Size { get; set; }

    /// <summary>Pictures: whether their colours are given up.</summary>
    public bool Grey { get; set; }

    /// <summary>Sound: samples of an ear in a moment that it is brought to.</summary>
    public int? Samples { get; set; }

    /// <summary>Sound: whether all ears become one.</summary>
    public bool Mono { get; set; }

    /// <summary>Vectors: which of their numbers are kept, from 0.</summary>
    public IReadOnlyList<int>? Numbers { get; set; }

    /// <summary>Vectors: what numbers are multiplied by, one for all or one each.</summary>
    public IReadOnlyList<float>? Scale { get; set; }

    /// <summary>Vectors: what is added to that, one for all or one each.</summary>
    public IReadOnlyList<float>? Offset { get; set; }

    /// <summary>Of how many a category is that is made of one number.</summary>
    public int? Count { get; set; }

    /// <summary>Categories: what each is called.</summary>
    public IReadOnlyList<string>? Labels { get; set; }

    /// <summary>A motor category instead of numbers: the numbers that each stands for.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Commands { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true)]
[JsonSerializable(typeof(MappingDocument))]
internal sealed partial class MappingJson : JsonSerializerContext;
