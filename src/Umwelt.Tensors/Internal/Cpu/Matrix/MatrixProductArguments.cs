// What one matrix product reads and writes: plain pointers and element strides, so that transposed, sliced and
// batched operands need no copy. The caller owns all memory; C may not overlap A or B.
namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal unsafe struct MatrixProductArguments
{
    /// <summary>A[m, k] lies at A + m * ARow + k * AColumn.</summary>
    public float* A;
    public nint ARow;
    public nint AColumn;

    /// <summary>B[k, n] lies at B + k * BRow + n * BColumn. Not read where <see cref="Packed"/> is set.</summary>
    public float* B;
    public nint BRow;
    public nint BColumn;

    /// <summary>C[m, n] lies at C + m * CRow + n.</summary>
    public float* C;
    public nint CRow;

    public int M;
    public int N;
    public int K;

    /// <summary>How many products, and the elements between them; a stride of 0 shares an operand. 0 means 1.</summary>
    public int Batch;
    public nint ABatch;
    public nint BBatch;
    public nint CBatch;

    /// <summary>C += A B instead of C = A B: the chain of each element then starts from C instead of 0.</summary>
    public bool Accumulate;

    /// <summary>Null, or N values added to each row after the whole sum.</summary>
    public float* Bias;

    /// <summary>Applied last.</summary>
    public Activation Activation;

    /// <summary>Null, or B as <see cref="PackedPanels.Pack"/> wrote it, in <see cref="PackedFormat"/>; shared by the batch.</summary>
    public void* Packed;
    public WeightFormat PackedFormat;
}
