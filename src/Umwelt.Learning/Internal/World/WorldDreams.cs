// Histories that the model made itself: some lanes take in, from a step's second moment on, not what really followed but what the
// model dreams with the true motors, word for word as in a dream. What really followed stays the target, so a model learns what
// to make of its own errors. No gradient goes back through a dream.
using Umwelt.Models;
using Umwelt.Models.Internal.World;
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Storage;

namespace Umwelt.Learning.Internal.World;

/// <summary>Dreams of a model that go into the past of a batch.</summary>
internal sealed class WorldDreams(WorldModel model, long seed)
{
    private const long Purpose = 0x647265616d;
    private MomentBatch? _past;

    /// <summary>The moments of a batch, dreamed where the plan says so: row r begins at r · length.</summary>
    /// <param name="batch">What really happened.</param>
    /// <param name="plan">Which rows are dreamed.</param>
    /// <param name="state">What the rows remember before their first moment; it stays as it is.</param>
    public MomentBatch Of(WorldBatch batch, WorldPlan plan, StackState state)
    {
        var count = batch.Rows * batch.Length;
        var past = _past = _past?.Count == count ? _past : new MomentBatch(model.Schema, count);
        for (var i = 0; i < count; i++)
        {
            past.Copy(batch.Moments, batch.FirstMoment + i, i);
        }

        int[] rows = [.. Enumerable.Range(0, batch.Rows).Where(row => plan.IsDreamed[row])];
        if (rows.Length > 0)
        {
            using var body = BodyOf(batch, state, rows);
            Dream(body, past, rows, batch.Length);
        }

        return past;
    }

    private DreamBody BodyOf(WorldBatch batch, StackState state, int[] rows)
    {
        using var unrecorded = model.Engine.NoGradient();
        using var scope = model.Engine.Scope();
        long[] seeds = [.. rows.Select(row => unchecked((long)RandomStream.Of(seed, Purpose, batch.Step, batch.First + row).Key))];
        return new DreamBody(model, state.Gather(rows), seeds);
    }

    private void Dream(DreamBody body, MomentBatch past, int[] rows, int length)
    {
        var moments = new MomentBatch(model.Schema, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            moments.Copy(past, rows[i] * length, i);
        }

        body.Prime(moments, 1);
        for (var t = 1; t < length; t++)
        {
            moments.Clear();
            Copy(past, moments, isMotor: true, rows, length, t);
            body.Step(moments);
            Copy(moments, past, isMotor: false, rows, length, t);
        }
    }

    // From the past into a dream's moments, or from those into the past.
    private void Copy(MomentBatch source, MomentBatch target, bool isMotor, int[] rows, int length, int t)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var (from, to) = isMotor ? ((rows[i] * length) + t, i) : (i, (rows[i] * length) + t);
            for (var c = 0; c < model.Schema.Channels.Length; c++)
            {
                if (WorldQuestions.IsMotor(model.Schema.Channels[c]) == isMotor)
                {
                    target.Copy(source, c, from, c, to);
                }
            }
        }
    }
}
