// One named stream of values of one kind and shape. What a channel is follows from its record alone; how it is stored
// follows from its kind: pictures as bytes, sound as 16-bit samples, vectors as floats, categories as 32-bit integers,
// text as UTF-8 of any length.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>A named stream of values: what one kind of perception, command or judgement is like in every moment.</summary>
/// <param name="Name">Lower-case letters, digits and <c>_ - .</c>, beginning with a letter; it names tensors and columns.</param>
/// <param name="Role">What part the channel plays.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ImageChannel), "image")]
[JsonDerivedType(typeof(SoundChannel), "sound")]
[JsonDerivedType(typeof(VectorChannel), "vector")]
[JsonDerivedType(typeof(CategoryChannel), "category")]
[JsonDerivedType(typeof(TextChannel), "text")]
public abstract record Channel(string Name, ChannelRole Role)
{
    /// <summary>The longest name.</summary>
    public const int LongestName = 64;

    /// <summary>The most bytes a channel may take in one moment.</summary>
    public const int MostBytes = 1 << 28;

    /// <summary>What the channel is, for people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    /// <summary>What the channel holds.</summary>
    [JsonIgnore]
    public abstract ChannelKind Kind { get; }

    /// <summary>The shape of one moment's value; empty for text, whose length varies.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<int> Shape { get; }

    /// <summary>The bytes of one element.</summary>
    [JsonIgnore]
    public abstract int ElementSize { get; }

    /// <summary>How many elements one moment's value has; 0 for text.</summary>
    [JsonIgnore]
    public int ElementCount => Elements;

    /// <summary>The bytes of one moment's value; 0 for text.</summary>
    [JsonIgnore]
    public int ByteCount => ElementCount * ElementSize;

    /// <summary>Throws <see cref="SchemaException"/> if the channel can't be.</summary>
    internal void Validate()
    {
        if (!IsName(Name))
        {
            throw new SchemaException(Name, $"a name is 1 to {LongestName} lower-case letters, digits, '_', '-' or '.', beginning with a letter");
        }

        if (!Enum.IsDefined(Role))
        {
            throw new SchemaException(Name, $"{(int)Role} is no role");
        }

        var bytes = (long)ElementSize;
        foreach (var extent in Shape)
        {
            if (extent < 1)
            {
                throw new SchemaException(Name, $"its shape [{string.Join(", ", Shape)}] has an extent below 1");
            }

            bytes = Math.Min(bytes * extent, long.MaxValue / int.MaxValue);
        }

        if (bytes > MostBytes)
        {
            throw new SchemaException(Name, $"its shape [{string.Join(", ", Shape)}] takes more than {MostBytes >> 20} MB a moment");
        }

        ValidateKind();
    }

    /// <summary>Whether this is a name that a channel may have.</summary>
    public static bool IsName(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > LongestName || !char.IsAsciiLetterLower(name[0]))
        {
            return false;
        }

        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private protected abstract void ValidateKind();

    // The product of the shape, without making one: worlds and dreams ask at every moment.
    private protected abstract int Elements { get; }
}
