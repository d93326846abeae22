// The element types of the safetensors format and their sizes. Types of less than a byte are not read; they are refused by name.
namespace Umwelt.Storage;

/// <summary>The type of a stored tensor's elements.</summary>
public enum SafetensorsType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8,

    /// <summary>Signed 8-bit integer.</summary>
    Int8,

    /// <summary>8-bit float with 4 exponent and 3 fraction bits.</summary>
    Float8E4M3,

    /// <summary>8-bit float with 5 exponent and 2 fraction bits.</summary>
    Float8E5M2,

    /// <summary>Signed 16-bit integer.</summary>
    Int16,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>IEEE half precision.</summary>
    Float16,

    /// <summary>The upper half of a single.</summary>
    BFloat16,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>IEEE double precision.</summary>
    Float64,

    /// <summary>Signed 64-bit integer.</summary>
    Int64,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,
}

/// <summary>Names and sizes of <see cref="SafetensorsType"/>.</summary>
public static class SafetensorsTypes
{
    private static readonly string[] Names =
        ["BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"];

    /// <summary>The name used in the file.</summary>
    public static string FormatName(this SafetensorsType type) => Names[(int)type];

    /// <summary>Bytes of one element.</summary>
    public static int ByteSize(this SafetensorsType type) => type switch
    {
        <= SafetensorsType.Float8E5M2 => 1,
        <= SafetensorsType.BFloat16 => 2,
        <= SafetensorsType.Float32 => 4,
        _ => 8,
    };

    internal static bool TryParse(string? name, out SafetensorsType type)
    {
        var index = Array.IndexOf(Names, name);
        type = (SafetensorsType)Math.Max(index, 0);
        return index >= 0;
    }

    internal static string AllNames => string.Join(", ", Names);
}
