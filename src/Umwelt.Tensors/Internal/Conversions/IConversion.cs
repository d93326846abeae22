// How one element type becomes another: one element, and sixteen at a time in registers. Both give the same bits, so a
// loop may change from one to the other anywhere, and what an element becomes never depends on where it stands.
// Floats round to nearest even; floats become integers by truncation, out of range by the nearest bound, NaN by 0.
namespace Umwelt.Tensors.Internal.Conversions;

internal unsafe interface IConversion<TFrom, TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    static abstract TTo One(TFrom x);

    /// <summary>Sixteen elements; run only where registers of 256 bits are.</summary>
    static abstract void Sixteen(TFrom* x, TTo* y);
}
