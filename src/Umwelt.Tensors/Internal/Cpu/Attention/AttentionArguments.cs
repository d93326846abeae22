// Everything one attention needs: tensors by pointer and element strides, so that [batch, time, heads, size] and
// [batch, heads, time, size] are the same work. The last dimension (head size) is always contiguous.
namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal unsafe struct AttentionArguments
{
    public float* Query;
    public float* Key;
    public float* Value;
    public float* Output;
    public nint QueryBatch;
    public nint QueryHead;
    public nint QueryTime;
    public nint KeyBatch;
    public nint KeyHead;
    public nint KeyTime;
    public nint ValueBatch;
    public nint ValueHead;
    public nint ValueTime;
    public nint OutputBatch;
    public nint OutputHead;
    public nint OutputTime;

    /// <summary>[batch, heads, queryLength], natural logarithm; written forward (may be null there), read backward.</summary>
    public float* LogSumExp;

    public int Batch;
    public int Heads;

    /// <summary>Heads is a multiple of it: query head h reads key and value head h / (Heads / KeyValueHeads).</summary>
    public int KeyValueHeads;

    public int QueryLength;
    public int KeyLength;
    public int HeadSize;
    public float Scale;
    public bool Causal;

    /// <summary>0 is unlimited; otherwise query position p sees key j where p - Window &lt; j (&lt; p + Window unless causal).</summary>
    public int Window;

    /// <summary>The position of query 0 among the keys: query i stands at i + KeyOffset.</summary>
    public int KeyOffset;

    /// <summary>[batch, 2], or null: a row of the batch sees keys from the first number up to, not including, the second.</summary>
    public int* Bounds;

    public float* OutputGradient;
    public float* QueryGradient;
    public float* KeyGradient;
    public float* ValueGradient;
    public nint OutputGradientBatch;
    public nint OutputGradientHead;
    public nint OutputGradientTime;
    public nint QueryGradientBatch;
    public nint QueryGradientHead;
    public nint QueryGradientTime;
    public nint KeyGradientBatch;
    public nint KeyGradientHead;
    public nint KeyGradientTime;
    public nint ValueGradientBatch;
    public nint ValueGradientHead;
    public nint ValueGradientTime;

    /// <summary>Query heads that share one head of keys and values.</summary>
    public readonly int Group => Heads / KeyValueHeads;

    /// <summary>Rows (query times x heads of the group) that meet one head of keys and values.</summary>
    public readonly int Rows => QueryLength * Group;
}
