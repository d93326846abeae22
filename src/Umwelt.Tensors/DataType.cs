// What an element is. Arithmetic is done in Float32; BFloat16 and Float16 are storage to cast from and to; integers
// are indices, labels and raw pictures.
namespace Umwelt.Tensors;

/// <summary>The type of a tensor's elements.</summary>
public enum DataType : byte
{
    /// <summary>IEEE single precision: the type of all arithmetic.</summary>
    Float32,

    /// <summary>Brain float: storage only.</summary>
    BFloat16,

    /// <summary>IEEE half precision: storage only.</summary>
    Float16,

    /// <summary>32-bit signed integers: indices and labels.</summary>
    Int32,

    /// <summary>64-bit signed integers: indices, counters, seeds.</summary>
    Int64,

    /// <summary>Bytes: pictures and masks.</summary>
    UInt8,

    /// <summary>IEEE double precision: a host type for reading and writing; no tensor has it.</summary>
    Float64,
}

/// <summary>Facts about data types.</summary>
public static class DataTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DataType type) => type switch
    {
        DataType.UInt8 => 1,
        DataType.BFloat16 or DataType.Float16 => 2,
        DataType.Int64 or DataType.Float64 => 8,
        _ => 4,
    };

    /// <summary>Whether elements are integers.</summary>
    public static bool IsInteger(this DataType type) => type is DataType.Int32 or DataType.Int64 or DataType.UInt8;

    /// <summary>The data type that a host element type stands for.</summary>
    public static DataType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DataType.Float32;
        }

        if (typeof(T) == typeof(int))
        {
            return DataType.Int32;
        }

        if (typeof(T) == typeof(long))
        {
            return DataType.Int64;
        }

        if (typeof(T) == typeof(byte))
        {
            return DataType.UInt8;
        }

        if (typeof(T) == typeof(double))
        {
            return DataType.Float64;
        }

        if (typeof(T) == typeof(Half))
        {
            return DataType.Float16;
        }

        if (typeof(T) == typeof(BFloat16Bits))
        {
            return DataType.BFloat16;
        }

        throw new ArgumentException($"No tensor holds elements of {typeof(T).Name}; use float, int, long, byte, Half, BFloat16Bits or double.", nameof(T));
    }
}

/// <summary>The 16 bits of a brain float, for moving them in and out of tensors.</summary>
public readonly record struct BFloat16Bits(ushort Bits);
