// Whatever type an operand has, an operation refuses it by name or computes what the reference computes. Kernels read
// memory through pointers of one type, so a type that slips through would be read past its end.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class OperandTypeTests(CpuBackends backends) : IClassFixture<CpuBackends>
{
    private static readonly DataType[] Types =
        [DataType.Float32, DataType.BFloat16, DataType.Float16, DataType.Int32, DataType.Int64, DataType.UInt8];

    public static TheoryData<string> Rows => [.. OperationTable.All.Select(static row => row.Name)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void An_operand_of_another_type_is_refused_or_means_what_it_says(string name)
    {
        var row = OperationTable.Row(name);
        OperationRunner.Log(row, "types");
        for (var i = 0; i < row.Operands.Length; i++)
        {
            foreach (var type in Types.Where(type => type != row.Operands[i].Type))
            {
                Operand[] operands = [.. row.Operands];
                operands[i] = operands[i] with { Type = type, HasGradient = false };
                var values = OperationRunner.Draw(row, row.Operands);
                values[i] = [.. values[i].Select(static value => Math.Floor(Math.Abs(value)))];
                if (Result(backends.OfThreads(2), row, operands, values) is { } result)
                {
                    var expected = Result(backends.Reference, row, operands, values);
                    Assert.True(expected is not null, $"operand {i} as {type}: the reference refuses it.");
                    Same.Within(expected, result, row, $"operand {i} as {type}");
                }
            }
        }
    }

    // No result where the operation refuses an operand.
    private static Outcome? Result(Backend backend, OperationCase row, Operand[] operands, double[][] values)
    {
        var refused = false;
        var outcome = OperationRunner.Run(backend, row with { Function = Try }, operands, values, records: false);
        return refused ? null : outcome;

        Tensor Try(Tensor[] inputs)
        {
            try
            {
                return row.Function(inputs);
            }
            catch (ShapeException)
            {
                refused = true;
                return inputs[0];
            }
        }
    }
}
