// Finds where a number that is not finite first arose: the first operation with finite operands and a result that is not.
// It is named with the nearest parameter, which is an operand or the one used last before. It reads everything, so it is
// attached only to repeat a step that failed.
using System.Runtime.CompilerServices;
using Umwelt.Networks;
using Umwelt.Tensors;
using Umwelt.Tensors.Internal;

namespace Umwelt.Learning.Internal;

internal sealed class NotFiniteOrigin : OperationInspector
{
    private readonly Dictionary<object, string> _names = new(ReferenceEqualityComparer.Instance);
    private string? _latest;
    private string? _own;
    private bool _isReading;
    private bool _isFinite;

    public NotFiniteOrigin(ParameterTree parameters)
    {
        foreach (var (name, parameter) in parameters.Parameters)
        {
            _names[parameter.Node.Buffer!] = name;
        }
    }

    /// <summary>What was found, or null.</summary>
    public string? Finding { get; private set; }

    public override void Before(Operation operation, ReadOnlySpan<Tensor> operands)
    {
        if (_isReading || Finding is not null)
        {
            return;
        }

        (_own, _isFinite) = (null, true);
        foreach (var operand in operands)
        {
            if (operand.IsDefault)
            {
                continue;
            }

            var isFinite = IsFinite(operand);
            if (_names.TryGetValue(operand.Node.Buffer!, out var name))
            {
                _own = _latest = name;
                if (!isFinite)
                {
                    Finding = $"the parameter '{name}' itself was not finite before";
                    return;
                }
            }

            _isFinite &= isFinite;
        }

        if (!_isFinite)
        {
            Finding = $"what '{operation.Name}' was given was not finite, and no operation had made it: look at the data{Near()}";
        }
    }

    public override void After(Operation operation, Tensor result)
    {
        if (!_isReading && Finding is null && _isFinite && !IsFinite(result))
        {
            Finding = $"it first arose in '{operation.Name}'{Near()}";
        }
    }

    private string Near() => _own is not null ? $" on parameter '{_own}'" : _latest is not null ? $" after parameter '{_latest}'" : "";

    private bool IsFinite(Tensor tensor)
    {
        if (tensor.Type != DataType.Float32)
        {
            return true;
        }

        _isReading = true;
        try
        {
            return Array.TrueForAll(tensor.ToArray<float>(), float.IsFinite);
        }
        finally
        {
            _isReading = false;
        }
    }
}
