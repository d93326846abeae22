// Weights in the layout that a device's matrix product reads fastest. The formats are few and named.
namespace Umwelt.Tensors;

/// <summary>How packed weights are stored.</summary>
public enum WeightFormat : byte
{
    /// <summary>Single precision: the same results, bit for bit, as the unpacked matrix.</summary>
    Float32,

    /// <summary>Brain floats, widened in registers: half the memory traffic, weights rounded to 8 bits.</summary>
    BFloat16,
}

/// <summary>A device's memory for one packed matrix.</summary>
public abstract class PackedBuffer(int outputs, int inputs, WeightFormat format) : DeviceBuffer
{
    /// <summary>Rows of the weight matrix.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Columns of the weight matrix.</summary>
    public int Inputs { get; } = inputs;

    /// <summary>How the weights are stored.</summary>
    public WeightFormat Format { get; } = format;
}
