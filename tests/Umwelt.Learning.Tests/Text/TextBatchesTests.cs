// The laws of batches of text: parts are the whole, a position restored gives the same rows, lanes read on without a gap.
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Learning.Tests.Text;

public sealed class TextBatchesTests
{
    private const int Length = 10;
    private static readonly int[] First = [.. Enumerable.Range(0, 300)];
    private static readonly int[] Second = [.. Enumerable.Range(1000, 100)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_in_parts_is_the_batch_at_once(bool areLanes)
    {
        var (whole, parts) = (Source(areLanes), Source(areLanes));
        for (var step = 0; step < 60; step++)
        {
            var expected = whole.Next(new BatchRequest(step, 0, 0, 7, Length));
            var (low, high) = (parts.Next(new BatchRequest(step, 0, 0, 3, Length)), parts.Next(new BatchRequest(step, 0, 3, 4, Length)));
            Assert.Equal(expected.Tokens, low.Tokens.Concat(high.Tokens));
            Assert.Equal(expected.Targets, low.Targets.Concat(high.Targets));
            Assert.Equal(expected.Begins, low.Begins.Concat(high.Begins));
        }

        Assert.Equal(whole.State, parts.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_position_restored_gives_the_rows_that_would_have_come(bool areLanes)
    {
        var (source, other) = (Source(areLanes), Source(areLanes));
        for (var step = 0; step < 20; step++)
        {
            source.Next(new BatchRequest(step, 0, 0, 5, Length));
        }

        other.Restore(source.State);
        for (var step = 20; step < 60; step++)
        {
            Assert.Equal(source.Next(new BatchRequest(step, 0, 0, 6, Length)).Tokens, other.Next(new BatchRequest(step, 0, 0, 6, Length)).Tokens);
        }
    }

    [Fact]
    public void A_position_of_other_text_is_refused()
    {
        var other = new TextBatches([new TextPart(Second)], new TextBatchOptions());
        Assert.Throws<ArgumentException>(() => other.Restore(Source(true).State));
        Assert.Throws<ArgumentException>(() => other.Restore("no position"));
        Assert.Throws<ArgumentException>(() => other.Restore(other.State.Replace("[]", "[5,0,0]", StringComparison.Ordinal)));
    }

    [Fact]
    public void Lanes_read_on_and_say_where_they_begin_anew()
    {
        var source = Source(areLanes: true);
        var ends = new int[4];
        var beginnings = 0;
        for (var step = 0; step < 200; step++)
        {
            var batch = source.Next(new BatchRequest(step, 0, 0, 4, Length));
            for (var row = 0; row < 4; row++)
            {
                Assert.True(batch.Begins[row] || batch.Tokens[row * Length] == ends[row]);
                ends[row] = batch.Targets[((row + 1) * Length) - 1];
                beginnings += batch.Begins[row] ? 1 : 0;
            }
        }

        Assert.InRange(beginnings, 4 + 1, 400);
    }

    [Fact]
    public void Shares_of_a_mix_follow_their_schedules()
    {
        var source = new TextBatches(
            [new TextPart(First, StagedSchedule.Constant(1)), new TextPart(Second, new StagedSchedule([new Stage(0, 0), new Stage(0.5, 3)]))], new TextBatchOptions { Seed = 3 });
        Assert.Equal(0, ShareOfSecond(0.2));
        Assert.Equal(0.75, ShareOfSecond(0.6), 0.05);

        double ShareOfSecond(double progress)
        {
            var batch = source.Next(new BatchRequest(1, progress, 0, 1000, Length));
            return batch.Tokens.Where((_, i) => i % Length == 0).Average(token => token >= 1000 ? 1.0 : 0);
        }
    }

    [Fact]
    public void Hidden_tokens_are_the_targets_and_nothing_else_is()
    {
        const int Count = 20_000;
        var (tokens, targets) = (Enumerable.Range(0, Count).Select(i => i % 50).ToArray(), new int[Count]);
        new TokenMask(50, 50).Hide(tokens, targets, RandomStream.Of(9));
        var hidden = Enumerable.Range(0, Count).Where(i => targets[i] != Tensor.IgnoredTarget).ToList();
        Assert.Equal(0.15, hidden.Count / (double)Count, 0.01);
        Assert.All(hidden, i => Assert.Equal(i % 50, targets[i]));
        Assert.All(Enumerable.Range(0, Count).Except(hidden), i => Assert.Equal(i % 50, tokens[i]));
        Assert.Equal(0.8, hidden.Average(i => tokens[i] == 50 ? 1.0 : 0), 0.03);
        Assert.Equal(0.1 + (0.1 / 50), hidden.Average(i => tokens[i] == i % 50 ? 1.0 : 0), 0.02);
    }

    private static TextBatches Source(bool areLanes) =>
        new([new TextPart(First), new TextPart(Second)], new TextBatchOptions { Seed = 5, AreLanes = areLanes, Restarts = 0.05 });
}
