// Rows of putting together and turning around: concatenate, stack, split, pad, roll, flip.
namespace Umwelt.Tensors.Tests.Operations;

internal static class JoinCases
{
    public static IEnumerable<OperationCase> All =>
    [
        new("concatenate along the last dimension", [new(3, 4) { Batch = 0 }, new(3, 7) { Batch = 0 }, new(3, 1) { Batch = 0 }], static x => Tensor.Concatenate(-1, x))
        {
            Large = [new(300, 100), new(300, 200), new(300, 1)],
            OfLength = static length => [new(3, length), new(3, 2), new(3, length)],
        },
        new("concatenate along the first dimension", [new(3, 4), new(2, 4)], static x => Tensor.Concatenate(0, x)) { OfLength = static length => [new(length, 3), new(2, 3)] },
        new("concatenate with nothing", [new(3, 0), new(3, 2)], static x => Tensor.Concatenate(1, x)),
        new("concatenate with itself", [new(3, 2)], static x => Tensor.Concatenate(1, x[0], x[0])),
        new("concatenate more than the operands of a kernel", [new(2, 3)], static x => Tensor.Concatenate(0, [.. Enumerable.Repeat(x[0], 20)])),
        new("concatenate indices", [Operand.Indices(9, 3), Operand.Indices(9, 4)], static x => Tensor.Concatenate(0, x)) { IsDifferentiable = false },
        new("stack", [new(3, 4), new(3, 4)], static x => Tensor.Stack(1, x)),
        new("split", [new(3, 9) { Batch = 0 }], static x => x[0].Split(1, 2, 3, 4) is var parts ? parts[0].Sum(1) + parts[2].Sum(1) : default),
        new("pad", [new(3, 4) { Batch = 0 }], static x => x[0].Pad(1, 2, 1, value: 0.5)) { OfLength = static length => [new(2, length)] },
        new("pad at the edges", [new(3, 4) { Batch = 0 }], static x => x[0].Pad(1, 2, 1, Padding.Edge)),
        new("roll", [new(3, 5) { Batch = 0 }], static x => x[0].Roll(1, 2) * 2f) { OfLength = static length => [new(2, length)] },
        new("roll backwards", [new(3, 5)], static x => x[0].Roll(0, -7) * 2f),
        new("flip", [new(3, 5) { Batch = 0 }], static x => x[0].Flip(1)) { OfLength = static length => [new(2, length)] },
    ];
}
