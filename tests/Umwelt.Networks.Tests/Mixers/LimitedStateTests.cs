// A state made for few moments is that of a mixer without a limit in all but its size: no bit differs, and what does not fit is
// refused before anything has changed.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Mixers;

public sealed class LimitedStateTests : IDisposable
{
    private const int Width = 32;
    private readonly Engine _engine = new(new CpuBackend(2));

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData(300, 0, 181)]
    [InlineData(300, 0, 256)]
    [InlineData(1000, 0, 1000)]
    [InlineData(5000, 70, 181)]
    [InlineData(5000, 200, 181)]
    [InlineData(100, 0, 181)]
    public void A_cache_of_any_length_gives_the_same_bits(int context, int window, int most)
    {
        using var tree = new ParameterTree(_engine);
        var mixer = new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 4, Groups = 2, Context = context, Window = window });
        Assert.Equal(Run(mixer, 0), Run(mixer, most));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_forks_have_the_limit_too()
    {
        using var tree = new ParameterTree(_engine);
        var mixer = new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = 4, Context = 1000 });
        using var scope = _engine.Scope();
        using var state = mixer.CreateState(2, moments: 6);
        mixer.Apply(Moments(2, 4), state);
        using var fork = state.Fork();
        using var gathered = state.Gather([1]);
        Assert.Throws<InvalidOperationException>(() => mixer.Apply(Moments(2, 3), state));
        Assert.Throws<InvalidOperationException>(() => mixer.Apply(Moments(2, 3), fork));
        Assert.Throws<InvalidOperationException>(() => mixer.Apply(Moments(1, 3), gathered));
        Assert.Equal([4, 4], state.Ages.ToArray());
        Assert.Equal(mixer.Apply(Moments(2, 2), state).ToArray<float>(), mixer.Apply(Moments(2, 2), fork).ToArray<float>());
        state.Reset(0);
        Assert.Throws<InvalidOperationException>(() => mixer.Step(Moments(2, 1), state));
    }

    // A stretch, a row that begins anew, steps, and a stretch again.
    private float[] Run(AttentionMixer mixer, int most)
    {
        using var scope = _engine.Scope();
        using var state = mixer.CreateState(2, moments: most);
        var said = new List<float>();
        said.AddRange(mixer.Apply(Moments(2, 130), state).ToArray<float>());
        state.Reset(1);
        for (var i = 0; i < 10; i++)
        {
            said.AddRange(mixer.Step(Moments(2, 1), state).ToArray<float>());
        }

        said.AddRange(mixer.Apply(Moments(2, 41), state).ToArray<float>());
        return [.. said];
    }

    private Tensor Moments(int rows, int time) => _engine.From([.. Enumerable.Range(0, rows * time * Width).Select(i => MathF.Sin(i * i))], [rows, time, Width]);
}
