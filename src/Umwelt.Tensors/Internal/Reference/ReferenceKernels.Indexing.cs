// What choosing and scattering by index mean, and rotary embedding, dropout and random numbers.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterIndexing(Backend backend)
    {
        backend.Register(Take.Instance, RunTake);
        backend.Register(TakeScatter.Instance, RunTakeScatter);
        backend.Register(Gather.Instance, RunGather);
        backend.Register(ScatterAdd.Instance, RunScatterAdd);
        backend.Register(Rotary.Instance, RunRotary);
        backend.Register(RowRoll.Instance, static (in backwards, inputs, outputs) => RunRing(backwards, inputs, outputs));
        backend.Register(RingWrite.Instance, static (in _, inputs, outputs) => RunRing(false, inputs, outputs));
        backend.Register(Dropout.Instance, RunDropout);
        backend.Register(RandomFill.Instance, RunRandomFill);
    }

    private static void RunTake(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = ReferenceView.Read(inputs[0]);
        var y = new double[outputs[0].Shape.Count];
        var places = TakePlaces(Take.Instance, dimension, inputs[0].Shape, ReferenceView.Read(inputs[1]), y.Length);
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = x[places[i]];
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static void RunTakeScatter(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (x, slices) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[2]));
        var places = TakePlaces(TakeScatter.Instance, dimension, inputs[0].Shape, ReferenceView.Read(inputs[1]), slices.Length);
        for (var i = 0; i < slices.Length; i++)
        {
            x[places[i]] += slices[i];
        }

        ReferenceView.Write(outputs[0], x);
    }

    // For each element of a taken tensor, the element of the whole it comes from.
    private static int[] TakePlaces(Operation operation, int dimension, Shape shape, double[] indices, int count)
    {
        var length = shape[dimension];
        var inner = (int)shape.CountOf(dimension + 1, shape.Rank);
        for (var i = 0; i < indices.Length; i++)
        {
            CheckIndex(operation, (long)indices[i], i, length);
        }

        var places = new int[count];
        for (var i = 0; i < count; i++)
        {
            var (outer, index, k) = (i / inner / indices.Length, (int)indices[i / inner % indices.Length], i % inner);
            places[i] = (((outer * length) + index) * inner) + k;
        }

        return places;
    }

    private static void RunGather(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = ReferenceView.Read(inputs[0]);
        var places = GatherPlaces(Gather.Instance, dimension, inputs[0].Shape, inputs[1]);
        ReferenceView.Write(outputs[0], Array.ConvertAll(places, place => x[place]));
    }

    private static void RunScatterAdd(in int dimension, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (x, source) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[2]));
        var places = GatherPlaces(ScatterAdd.Instance, dimension, inputs[0].Shape, inputs[1]);
        for (var i = 0; i < source.Length; i++)
        {
            x[places[i]] += source[i];
        }

        ReferenceView.Write(outputs[0], x);
    }

    private static int[] GatherPlaces(Operation operation, int dimension, Shape shape, in TensorView view)
    {
        var indices = ReferenceView.Read(view);
        var (length, count) = (shape[dimension], view.Shape[dimension]);
        var inner = (int)shape.CountOf(dimension + 1, shape.Rank);
        var places = new int[indices.Length];
        for (var i = 0; i < places.Length; i++)
        {
            CheckIndex(operation, (long)indices[i], i, length);
            places[i] = (((i / inner / count * length) + (int)indices[i]) * inner) + (i % inner);
        }

        return places;
    }

    private static void RunRotary(in RotaryAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = inputs[0].Shape;
        var (time, heads, size, half) = (shape[-3], shape[-2], shape[-1], attributes.Size / 2);
        var x = ReferenceView.Read(inputs[0]);
        var positions = inputs[1].IsPresent ? ReferenceView.Read(inputs[1]) : null;
        var y = (double[])x.Clone();
        for (var head = 0; head < x.Length / Math.Max(1, size); head++)
        {
            var row = head / heads;
            var position = positions is null ? attributes.Offset + (row % time) : positions[row % positions.Length];
            for (var i = 0; i < half; i++)
            {
                var (sine, cosine) = Math.SinCos(position * attributes.Frequency(i));
                sine = attributes.Inverse ? -sine : sine;
                var first = (head * size) + (attributes.Interleaved ? 2 * i : i);
                var second = attributes.Interleaved ? first + 1 : first + half;
                y[first] = (x[first] * cosine) - (x[second] * sine);
                y[second] = (x[second] * cosine) + (x[first] * sine);
            }
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static void RunRing(bool backwards, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (moments, places) = (inputs[0].Shape[1], outputs[0].Shape[1]);
        var size = (int)inputs[0].Shape.CountOf(2, inputs[0].Shape.Rank);
        var (x, shifts, y) = (ReferenceView.Read(inputs[0]), ReferenceView.ReadIntegers(inputs[1]), ReferenceView.Read(outputs[0]));
        for (var i = 0; i < x.Length; i++)
        {
            var (batch, moment) = (i / size / moments, i / size % moments);
            var place = RowRoll.Place(moment + (backwards ? -(long)shifts[batch] : shifts[batch]), places);
            y[(((batch * places) + place) * size) + (i % size)] = x[i];
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static void RunDropout(in DropoutAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = ReferenceView.Read(inputs[0]);
        var state = ReferenceView.Read(inputs[1]);
        var stream = attributes.Stream((long)state[0], (long)state[1]);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = stream.NextSingle() < attributes.Rate ? 0 : x[i] * attributes.Scale;
        }

        ReferenceView.Write(outputs[0], x);
    }

    private static void RunRandomFill(in RandomFillAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var stream = attributes.Stream;
        var y = new double[outputs[0].Shape.Count];
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = attributes.Kind == RandomKind.Normal ? stream.NextNormal() : stream.NextSingle();
        }

        ReferenceView.Write(outputs[0], y);
    }
}
