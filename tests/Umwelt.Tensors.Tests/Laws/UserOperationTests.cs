// An operation that does not come with the engine, as a user writes one: what it means in double, a kernel for the
// processor, its gradient, and the check that they agree. It serves as an example.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Gradients;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class UserOperationTests
{
    [Fact]
    public void An_operation_of_a_users_own_runs_on_both_backends_and_has_a_gradient()
    {
        float[] values = [-2f, -0.5f, 0.25f, 3f];
        float[] expected = [-4f, -1f, 0.25f, 3f];
        foreach (var backend in (Backend[])[new ReferenceBackend(), new CpuBackend(2)])
        {
            LeakyRelu.RegisterOn(backend);
            using var engine = new Engine(backend);
            var x = engine.Parameter(values, [4]);
            using var scope = engine.Scope();
            var y = LeakyRelu.Of(x, slope: 2f);
            Assert.Equal(expected, y.ToArray<float>());
            y.Sum().Backward();
            Assert.Equal([2f, 2f, 1f, 1f], x.Gradient.ToArray<float>());
        }
    }

    [Fact]
    public void A_users_gradient_can_be_checked() => GradientCheck.Run(
        static (_, x) => LeakyRelu.Of(x[0], slope: 0.1f),
        [new GradientInput([-2, -0.5, 0.25, 3], [2, 2])],
        prepare: LeakyRelu.RegisterOn).Assert();

    [Fact]
    public void Without_a_kernel_or_a_composition_an_operation_says_so()
    {
        using var engine = new Engine(new ReferenceBackend());
        using var scope = engine.Scope();
        var error = Assert.Throws<NotSupportedException>(() => { _ = LeakyRelu.Of(engine.Ones([2]), 1f); });
        Assert.Contains("leaky ReLU", error.Message, StringComparison.Ordinal);
    }

    /// <summary>y = x where x > 0, else slope x; the slope is the attribute.</summary>
    private sealed class LeakyRelu() : Operation<float>("leaky ReLU")
    {
        private static readonly LeakyRelu Instance = new();

        public static Tensor Of(Tensor x, float slope) => x.Engine.Apply(Instance, slope, x);

        public static void RegisterOn(Backend backend) => backend.Register(Instance, (in float slope, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            // Through the host, so that one kernel serves every device; a fast one would work on the device's own memory.
            var elements = new double[inputs[0].Shape.Count];
            backend.Download(inputs[0], MemoryMarshal.AsBytes(elements.AsSpan()), DataType.Float64);
            for (var i = 0; i < elements.Length; i++)
            {
                elements[i] *= elements[i] > 0 ? 1 : slope;
            }

            backend.Upload(MemoryMarshal.AsBytes<double>(elements), DataType.Float64, outputs[0]);
        });

        public override Saved Saves(uint wanted) => Saved.Input0;

        public override void Infer(in float attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) => outputs[0] = inputs[0];

        public override void Backward(in float attributes, in GradientContext context)
        {
            var x = context.Input(0);
            var isPositive = context.Engine.Scalar(0).LessThan(x);
            context.Add(0, context.Gradient * isPositive.Affine(1f - attributes, attributes));
        }
    }
}
