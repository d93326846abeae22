// Batches of lanes as a trainer asks for them. A step taken in parts reads its lanes once.
using Umwelt.Moments;

namespace Umwelt.Learning;

/// <summary>Lanes that go on from step to step.</summary>
/// <param name="lanes">Where they come from; used by nobody else.</param>
public sealed class WorldBatches(LaneBatches lanes) : IBatches<WorldBatch>
{
    private readonly SequenceBatch _sequence = lanes.CreateBatch();

    /// <inheritdoc/>
    public string State => lanes.State.ToJson();

    /// <inheritdoc/>
    public void Restore(string state) => lanes.Restore(BatchState.FromJson(state, "the position of the batches"));

    /// <inheritdoc/>
    public WorldBatch Next(in BatchRequest request)
    {
        if (request.Length != lanes.Length || request.First + request.Rows > lanes.BatchSize)
        {
            throw new InvalidOperationException($"There are {lanes.BatchSize} lanes of {lanes.Length} moments a step; their number and length can't change over a run.");
        }

        if (request.First == 0)
        {
            lanes.Next(_sequence);
        }

        return new WorldBatch(_sequence, request.Step, request.First, request.Rows);
    }
}
