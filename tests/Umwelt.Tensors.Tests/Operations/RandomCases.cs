// Rows of operations that draw random numbers from a named stream, and of recomputation, which must draw them alike.
using Umwelt.Storage;

namespace Umwelt.Tensors.Tests.Operations;

internal static class RandomCases
{
    public static IEnumerable<OperationCase> All =>
    [
        new("dropout", [new(7, 41), State()], static x => x[0].Dropout(0.3f, x[1], 5))
        {
            Large = [new(300, 200), State()],
            OfLength = static length => [new(length), State()],
        },
        new("dropout at rate 0", [new(3, 4), State()], static x => x[0].Dropout(0f, x[1], 5) * 2f),
        new("random uniform", [new(1)], static x => Draw(x[0].Engine, isNormal: false)) { IsDifferentiable = false },
        new("random normal", [new(1)], static x => Draw(x[0].Engine, isNormal: true)) { IsDifferentiable = false },
        Sampled("sample", new Sampling()),
        Sampled("sample, most likely", new Sampling(Temperature: 0)),
        Sampled("sample, hot", new Sampling(Temperature: 3.5f)),
        Sampled("sample, cold", new Sampling(Temperature: 0.3f)),
        Sampled("sample, top-k", new Sampling(TopK: 3)),
        Sampled("sample, top-p", new Sampling(TopP: 0.6f)),
        Sampled("sample, min-p", new Sampling(MinP: 0.2f)),
        Sampled("sample, all filters", new Sampling(0.8f, 7, 0.7f, 0.15f)),
        new("sample of equals", [new(4, 6) { Values = [.. Enumerable.Repeat(1.0, 24)], Batch = 0 }, Uniforms(4)], static x => x[0].Sample(x[1], new Sampling(TopK: 4, TopP: 0.7f)))
        {
            IsDifferentiable = false,
        },
        new("checkpoint", [new(4, 5), new(4, 5)], static x => x[0].Engine.Checkpoint(static y => (y[0] * y[1]).Exp() * y[0], x)),
        new("checkpoint of dropout", [new(4, 5), State()], static x => x[0].Engine.Checkpoint(static y => y[0].Square().Dropout(0.5f, y[1], 2), x)),
    ];

    private static Operand Uniforms(int rows) => new(rows) { Low = 0, High = 1, Batch = 0 };

    private static OperationCase Sampled(string name, Sampling sampling) =>
        new(name, [new(40, 19) { Low = -4, High = 4, Batch = 0 }, Uniforms(40)], x => x[0].Sample(x[1], sampling))
        {
            IsDifferentiable = false,
            Large = [new(400, 300), Uniforms(400)],
            OfLength = static length => [new(3, length), Uniforms(3)],
            ShortestLength = 1,
        };

    private static Operand State() => new(2) { Values = [12345, 678], Type = DataType.Int64, HasGradient = false };

    private static Tensor Draw(Engine engine, bool isNormal)
    {
        var stream = RandomStream.Of(1, 2, 3);
        return isNormal ? engine.RandomNormal([700, 50], ref stream) : engine.RandomUniform([700, 50], ref stream);
    }
}
