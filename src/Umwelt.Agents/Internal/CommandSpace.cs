// Commands as plain numbers, whatever the motor channels: each number of a vector lies between -1 and 1 over its range, each
// category is its number. What can't be planned, words and pictures, stays empty.
using Umwelt.Moments;

namespace Umwelt.Agents.Internal;

internal sealed class CommandSpace
{
    private const float Unbounded = 1;
    private readonly Schema _motor;
    private readonly Dimension[] _dimensions;

    public CommandSpace(Schema motor)
    {
        _motor = motor;
        var dimensions = new List<Dimension>();
        for (var c = 0; c < motor.Channels.Length; c++)
        {
            switch (motor.Channels[c])
            {
                case VectorChannel vector:
                    for (var i = 0; i < vector.Size; i++)
                    {
                        var least = vector.Minimum.IsDefault || float.IsInfinity(vector.Minimum[i]) ? -Unbounded : vector.Minimum[i];
                        var most = vector.Maximum.IsDefault || float.IsInfinity(vector.Maximum[i]) ? Math.Max(Unbounded, least) : vector.Maximum[i];
                        dimensions.Add(new Dimension(c, i, Math.Min(least, most), most, 0));
                    }

                    break;
                case CategoryChannel category:
                    dimensions.Add(new Dimension(c, 0, 0, 0, category.Count));
                    break;
            }
        }

        if (dimensions.Count == 0)
        {
            throw new ArgumentException("There is nothing to decide: no motor channel is a vector or a category.", nameof(motor));
        }

        _dimensions = [.. dimensions];
    }

    /// <summary>Numbers of a command.</summary>
    public int Size => _dimensions.Length;

    /// <summary>How many categories a dimension has; 0 for a number between -1 and 1.</summary>
    public int CategoriesOf(int dimension) => _dimensions[dimension].Categories;

    /// <summary>How many categories any dimension has at most.</summary>
    public int MostCategories => _dimensions.Max(dimension => dimension.Categories);

    /// <summary>Every command there is, where numbers take a few levels each.</summary>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public float[][] Every(int levels, int most)
    {
        var count = _dimensions.Aggregate(1L, (product, dimension) => Math.Min(most + 1L, product * (dimension.Categories > 0 ? dimension.Categories : levels)));
        if (count > most)
        {
            throw new ArgumentException($"There are more than {most} different commands, too many to search among; plan by sampling.", nameof(levels));
        }

        var every = new float[count][];
        for (var i = 0; i < every.Length; i++)
        {
            every[i] = new float[Size];
            var rest = i;
            for (var d = 0; d < Size; d++)
            {
                var choices = _dimensions[d].Categories > 0 ? _dimensions[d].Categories : levels;
                every[i][d] = _dimensions[d].Categories > 0 ? rest % choices : (2f * (rest % choices) / (choices - 1)) - 1;
                rest /= choices;
            }
        }

        return every;
    }

    /// <summary>Writes a command into a row.</summary>
    public void Write(ReadOnlySpan<float> command, MomentBatch commands, int row)
    {
        for (var c = 0; c < _motor.Channels.Length; c++)
        {
            commands.SetAbsent(c, row);
            commands.SetPresent(c, row);
        }

        for (var d = 0; d < _dimensions.Length; d++)
        {
            var dimension = _dimensions[d];
            if (dimension.Categories > 0)
            {
                commands.Category(dimension.Channel, row) = (int)command[d];
            }
            else
            {
                var share = (Math.Clamp(command[d], -1, 1) + 1) / 2;
                commands.Vector(dimension.Channel, row)[dimension.Element] = (dimension.Least * (1 - share)) + (dimension.Most * share);
            }
        }
    }

    /// <summary>Reads a row's command: what <see cref="Write"/> would write it from.</summary>
    public void Read(MomentBatch commands, int row, Span<float> command)
    {
        for (var d = 0; d < _dimensions.Length; d++)
        {
            var dimension = _dimensions[d];
            if (dimension.Categories > 0)
            {
                command[d] = commands.Category(dimension.Channel, row);
            }
            else
            {
                var extent = dimension.Most - dimension.Least;
                var number = commands.Vector(dimension.Channel, row)[dimension.Element];
                command[d] = extent > 0 ? Math.Clamp((2 * (number - dimension.Least) / extent) - 1, -1, 1) : 0;
            }
        }
    }

    private readonly record struct Dimension(int Channel, int Element, float Least, float Most, int Categories);
}
