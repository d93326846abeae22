// A batch of moments for training: B rows in time, each of T moments. The marks beside the moments say what a trainer can't
// see in them: where an episode begins, where carried state must be forgotten, what is padding, and where all came from.
namespace Umwelt.Moments;

/// <summary>B sequences of T moments. It is filled again and again; what it holds is valid until then.</summary>
public sealed class SequenceBatch
{
    private readonly bool[] _begins;
    private readonly bool[] _resets;
    private readonly int[] _parts;
    private readonly long[] _indices;
    private readonly int[] _validLengths;
    private readonly float[] _weights;

    internal SequenceBatch(Schema schema, int batchSize, int length)
    {
        Moments = new MomentBatch(schema, checked(batchSize * length));
        BatchSize = batchSize;
        Length = length;
        _begins = new bool[Moments.Count];
        _resets = new bool[Moments.Count];
        _parts = new int[Moments.Count];
        _indices = new long[Moments.Count];
        _validLengths = new int[batchSize];
        _weights = new float[Moments.Count];
    }

    /// <summary>The moments, [batch, time]: moment t of sequence b is row b × <see cref="Length"/> + t.</summary>
    public MomentBatch Moments { get; }

    /// <summary>B: how many sequences.</summary>
    public int BatchSize { get; }

    /// <summary>T: how many moments each has.</summary>
    public int Length { get; }

    /// <summary>Whether each moment is the first of its episode, [batch, time].</summary>
    public Span<bool> Begins => _begins;

    /// <summary>Whether what a model carries must be forgotten before each moment, [batch, time]: an episode begins there, the
    /// moment does not follow on the one before it in its row, or it was drawn by lot.</summary>
    public Span<bool> Resets => _resets;

    /// <summary>Which part of the mix each moment is from, [batch, time]; -1 for padding.</summary>
    public Span<int> Parts => _parts;

    /// <summary>Which moment of its recording each is, [batch, time]; -1 for padding.</summary>
    public Span<long> Indices => _indices;

    /// <summary>How many moments of each sequence are moments, [batch]; those after them are padding, with every channel absent.</summary>
    public Span<int> ValidLengths => _validLengths;

    /// <summary>What the loss of each moment is to be multiplied with so that priorities don't change its mean, [batch, time]:
    /// 1 without priorities, 0 for padding.</summary>
    public Span<float> Weights => _weights;

    /// <summary>Marks the rest of a sequence as padding.</summary>
    internal void Pad(int sequence, int from)
    {
        for (var row = (sequence * Length) + from; row < (sequence + 1) * Length; row++)
        {
            Moments.Clear(row);
            _begins[row] = false;
            _resets[row] = false;
            _parts[row] = -1;
            _indices[row] = -1;
            _weights[row] = 0;
        }
    }
}
