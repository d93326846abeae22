// What is saved is loaded bit for bit, whatever its type and however it lies; what does not fit changes nothing.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class TensorFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("umwelt-tensors-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "tensors.safetensors");

    [Fact]
    public void Loaded_tensors_are_the_saved_ones()
    {
        foreach (var backend in (Backend[])[new ReferenceBackend(), new CpuBackend(2)])
        {
            using var engine = new Engine(backend);
            using var scope = engine.Scope();
            foreach (var type in Enum.GetValues<DataType>().Where(static type => type != DataType.Float64))
            {
                var saved = engine.From<float>([1, 2, 3, 4, 5, 6], [2, 3], type);
                TensorFile.Save(Path, Named("a", saved.Transpose(), "b", engine.Zeros([0], type)));
                var wide = engine.Zeros([6, 2], type);
                TensorFile.Load(Path, Named("a", wide.Slice(0, 1, 3), "b", engine.Zeros([0], type)));
                Assert.Equal([0, 0, 1, 4, 2, 5, 3, 6, 0, 0, 0, 0], wide.ToArray<float>());
                var columns = engine.Zeros([2, 3], type);
                TensorFile.Load(Path, Named("a", columns.Transpose()));
                Assert.Equal(saved.ToArray<float>(), columns.ToArray<float>());
            }
        }
    }

    [Fact]
    public void Numbers_kept_in_half_the_bytes_are_those_of_a_cast()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        float[] numbers = [1, 0.1f, -3.14159f, 1e-3f, 65000];
        foreach (var precision in (DataType[])[DataType.BFloat16, DataType.Float16])
        {
            var integers = engine.From<int>([1, 1 << 20], [2]);
            TensorFile.Save(Path, Named("a", engine.From<float>(numbers, [5]), "b", integers), precision: precision);
            var (a, b) = (engine.Zeros([5]), engine.Zeros([2], DataType.Int32));
            TensorFile.Load(Path, Named("a", a, "b", b));
            Assert.Equal(engine.From<float>(numbers, [5]).Cast(precision).Cast(DataType.Float32).ToArray<float>(), a.ToArray<float>());
            Assert.Equal(integers.ToArray<int>(), b.ToArray<int>());
        }
    }

    [Fact]
    public void What_does_not_fit_is_named_and_changes_nothing()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        TensorFile.Save(Path, Named("a", engine.Ones([2]), "b", engine.Ones([2])));
        var a = engine.Zeros([2]);
        var message = Assert.Throws<ShapeException>(() => TensorFile.Load(Path, Named("a", a, "b", engine.Zeros([3])))).Message;
        Assert.Contains("'b' is Float32 [2], not Float32 [3]", message, StringComparison.Ordinal);
        message = Assert.Throws<ShapeException>(() => TensorFile.Load(Path, Named("a", engine.Zeros([2], DataType.Int32)))).Message;
        Assert.Contains("not Int32 [2]", message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => TensorFile.Load(Path, Named("a", a, "c", engine.Zeros([2]))));
        Assert.Equal([0f, 0f], a.ToArray<float>());
    }

    [Fact]
    public void Loading_is_noticed_by_a_backward_pass_that_needs_the_old_contents()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var weight = engine.Parameter(engine.Ones([2]));
        var loss = weight.Square().Sum();
        TensorFile.Save(Path, Named("w", weight));
        TensorFile.Load(Path, Named("w", weight));
        Assert.Throws<InvalidOperationException>(() => loss.Backward());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Dictionary<string, Tensor> Named(string name, Tensor tensor) => new(StringComparer.Ordinal) { [name] = tensor };

    private static Dictionary<string, Tensor> Named(string name, Tensor tensor, string other, Tensor second) =>
        new(StringComparer.Ordinal) { [name] = tensor, [other] = second };
}
