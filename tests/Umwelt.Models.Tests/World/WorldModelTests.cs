// The laws of what a model may know: nothing later than now, motors before senses, absence apart from zero, and a folder that is
// the whole model.
using Umwelt.Models.Internal.World;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.World;

public sealed class WorldModelTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly WorldModel _model;

    public WorldModelTests() => _model = SmallWorld.Model(_engine);

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    [Theory]
    [InlineData("sight")]
    [InlineData("hearing")]
    [InlineData("speech")]
    [InlineData("motor")]
    [InlineData("button")]
    public void What_is_remembered_knows_nothing_of_later_moments(string channel)
    {
        const int Time = 7;
        var moments = SmallWorld.Moments(Time, 3, isWhole: true);
        var before = Remembered(moments);
        for (var t = 1; t < Time; t++)
        {
            var edited = new MomentBatch(SmallWorld.Schema, Time);
            for (var row = 0; row < Time; row++)
            {
                edited.Copy(moments, row, row);
            }

            var c = SmallWorld.Schema.IndexOf(channel);
            edited.SetAbsent(c, t);
            var after = Remembered(edited);
            var size = before.Length / Time;
            Assert.Equal(before[..(t * size)], after[..(t * size)]);
            Assert.NotEqual(before[(t * size)..((t + 1) * size)], after[(t * size)..((t + 1) * size)]);
        }
    }

    [Fact]
    public void An_absent_channel_is_not_a_channel_of_zeros()
    {
        foreach (var channel in SmallWorld.Schema.Channels)
        {
            var c = SmallWorld.Schema.IndexOf(channel.Name);
            var zero = SmallWorld.Moments(1, 4, isWhole: true);
            zero.SetAbsent(c, 0);
            var absent = Remembered(zero);
            zero.SetPresent(c, 0);
            Assert.NotEqual(absent, Remembered(zero));
        }
    }

    [Fact]
    public void A_command_is_known_to_the_senses_that_follow_it_and_to_no_earlier_ones()
    {
        using var dream = _model.Dream(rows: 1);
        dream.Prime(SmallWorld.Moments(5, 5, isWhole: true), 5);
        var (one, other) = (new MomentBatch(SmallWorld.Schema, 1), new MomentBatch(SmallWorld.Schema, 1));
        using var fork = dream.Fork();
        dream.Step(SmallWorld.Commands(1, 6), one);
        fork.Step(SmallWorld.Commands(1, 7), other);
        Assert.Equal(SmallWorld.Commands(1, 6).Vector(0, 0).ToArray(), one[0].Vector("motor").ToArray());
        Assert.NotEqual(one[0].Image("sight").ToArray(), other[0].Image("sight").ToArray());
    }

    [Theory]
    [InlineData("sight")]
    [InlineData("hearing")]
    [InlineData("motor")]
    public void Words_are_said_knowing_what_else_the_moment_holds(string channel)
    {
        using var dream = _model.Dream(rows: 1);
        dream.Prime(SmallWorld.Moments(5, 5, isWhole: true), 5);
        var (one, other) = (SmallWorld.Moments(1, 6, isWhole: true), SmallWorld.Moments(1, 6, isWhole: true));
        var c = SmallWorld.Schema.IndexOf(channel);
        other.Copy(SmallWorld.Moments(1, 7, isWhole: true), c, 0, c, 0);
        var (scores, others) = (new double[SmallWorld.Schema.Channels.Length], new double[SmallWorld.Schema.Channels.Length]);
        dream.Surprise(one, scores);
        dream.Surprise(other, others);
        var words = SmallWorld.Schema.IndexOf("speech");
        Assert.True(double.IsFinite(scores[words]));
        Assert.NotEqual(scores[words], others[words]);
    }

    [Fact]
    public void A_folder_is_the_whole_model()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            _model.Save(folder);
            using var loaded = WorldModel.Load(_engine, folder);
            Assert.Equal(_model.Schema, loaded.Schema);
            Assert.Equal(_model.Scales, loaded.Scales);
            Assert.Equal(Dreamed(_model), Dreamed(loaded));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_model_kept_in_half_the_bytes_dreams_what_its_rounded_weights_dream()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            _model.Save(folder);
            var whole = new FileInfo(Path.Combine(folder, "model.safetensors")).Length;
            _model.Save(folder, DataType.BFloat16);
            Assert.InRange(new FileInfo(Path.Combine(folder, "model.safetensors")).Length, 0, 0.6 * whole);
            using var loaded = WorldModel.Load(_engine, folder);
            Assert.NotEqual(Dreamed(_model), Dreamed(loaded));
            foreach (var (_, weight) in _model.Parameters.Parameters)
            {
                using var unrecorded = _engine.NoGradient();
                using var scope = _engine.Scope();
                weight.CopyFrom(weight.Cast(DataType.BFloat16).Cast(DataType.Float32));
            }

            Assert.Equal(Dreamed(_model), Dreamed(loaded));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_fits_is_taken_from_another_model_and_the_rest_stays()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using var other = SmallWorld.Model(_engine, SmallWorld.Options with { SoundHidden = 24 }, seed: 9);
            other.Save(folder);
            var before = Weights(_model);
            Assert.InRange(_model.TakeFrom(folder), 1, _model.Parameters.Count - 1);
            var (after, theirs) = (Weights(_model), Weights(other));
            foreach (var (name, weight) in after)
            {
                Assert.Equal(theirs[name].Length == weight.Length ? theirs[name] : before[name], weight);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_is_damaged_is_refused_by_the_name_of_its_file()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            _model.Save(folder);
            var path = Path.Combine(folder, "model.json");
            var text = File.ReadAllText(path);
            foreach (var (from, to) in (ReadOnlySpan<(string, string)>)[("\"world\"", "\"other\""), ("\"version\": 1", "\"version\": 9"), ("\"width\": 32", "\"width\": 31"), ("\"width\": 32", "\"widht\": 32"), ("{", "")])
            {
                File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
                Assert.Contains("model.json", Assert.Throws<InvalidFileException>(() => WorldModel.Load(_engine, folder).Dispose()).Message, StringComparison.Ordinal);
            }

            File.WriteAllText(path, text.Replace("\"registers\": 2", "\"registers\": 3", StringComparison.Ordinal));
            Assert.Contains("model.safetensors", Assert.Throws<InvalidFileException>(() => WorldModel.Load(_engine, folder).Dispose()).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_decoder_that_would_look_at_other_moments_is_refused() =>
        Assert.Contains("decoder", Assert.Throws<ArgumentException>(() => SmallWorld.Model(_engine, SmallWorld.Options with { Decoder = "attention" })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_of_any_channels_dreams()
    {
        var schema = new Schema(5, new VectorChannel("price", 3), new CategoryChannel("kind", 4));
        using var model = new WorldModel(_engine, schema, SmallWorld.Options with { Registers = 0, Backbone = "space, mamba" });
        using var dream = model.Dream(rows: 2);
        var moments = new MomentBatch(schema, 2);
        dream.Reset(0, 1, moments);
        dream.Reset(1, 2, moments);
        dream.Step(new MomentBatch(schema.Motor, 2), moments);
        Assert.True(moments.IsPresent(0, 0) && moments.IsPresent(1, 1));
        Assert.NotEqual(moments.Vector(0, 0).ToArray(), moments.Vector(0, 1).ToArray());
    }

    // The remembered numbers [time, slots, width] of one row.
    private float[] Remembered(MomentBatch moments)
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        using var state = _model.Backbone.CreateState(1, _model.SlotCount);
        var slots = new Tensor[_model.Codecs.Length];
        for (var c = 0; c < slots.Length; c++)
        {
            float[] levels = [.. Enumerable.Range(0, moments.Count).Select(row => moments.IsPresent(c, row) ? 0f : 1f)];
            slots[c] = _model.Codecs[c].Encode(_model.Values.Read(moments, c, 0, moments.Count), LevelTensors.Of(_engine, levels), out _);
        }

        return _model.Backbone.Apply(_model.Moment(slots).Reshape(1, moments.Count, _model.SlotCount, _model.Options.Width), state).ToArray<float>();
    }

    private static Dictionary<string, float[]> Weights(WorldModel model) =>
        model.Parameters.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToArray<float>(), StringComparer.Ordinal);

    private static byte[] Dreamed(WorldModel model)
    {
        using var dream = model.Dream(rows: 1);
        var moments = new MomentBatch(SmallWorld.Schema, 1);
        dream.Reset(0, 9, moments);
        for (var t = 0; t < 4; t++)
        {
            dream.Step(SmallWorld.Commands(1, t), moments);
        }

        return SmallWorld.Bytes(moments, 0);
    }
}
