// What is chosen from known distributions, under each filter.
using Umwelt.Models.Internal.Text;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Models.Tests.Text;

public sealed class TokenChoiceTests
{
    // 0.5, 0.25, 0.125, 0.0625, 0.0625 in an order of their own.
    private static readonly double[] Probabilities = [0.125, 0.5, 0.0625, 0.25, 0.0625];
    private static readonly float[] Scores = [.. Probabilities.Select(probability => (float)Math.Log(probability) + 3)];
    private static readonly SamplingOptions Plain = new() { Temperature = 1 };

    [Fact]
    public void Without_filters_tokens_come_as_often_as_they_are_likely() => AssertShares(Plain, Probabilities);

    [Fact]
    public void Top_k_keeps_the_likeliest_k() => AssertShares(Plain with { TopK = 2 }, [0, 2 / 3.0, 0, 1 / 3.0, 0]);

    [Fact]
    public void Top_p_keeps_the_fewest_likeliest_that_reach_p()
    {
        AssertShares(Plain with { TopP = 0.74 }, [0, 2 / 3.0, 0, 1 / 3.0, 0]);
        AssertShares(Plain with { TopP = 0.76 }, [1 / 7.0, 4 / 7.0, 0, 2 / 7.0, 0]);
        AssertShares(Plain with { TopP = 1e-9 }, [0, 1, 0, 0, 0]);
    }

    [Fact]
    public void Min_p_keeps_what_is_at_least_that_share_as_likely_as_the_likeliest()
    {
        AssertShares(Plain with { MinP = 0.24 }, [1 / 7.0, 4 / 7.0, 0, 2 / 7.0, 0]);
        AssertShares(Plain with { MinP = 0.26 }, [0, 2 / 3.0, 0, 1 / 3.0, 0]);
        AssertShares(Plain with { MinP = 0.26, TopK = 4 }, [0, 2 / 3.0, 0, 1 / 3.0, 0]);
    }

    [Fact]
    public void Temperature_sharpens_and_flattens()
    {
        var half = Probabilities.Select(probability => probability * probability).ToArray();
        AssertShares(Plain with { Temperature = 0.5 }, [.. half.Select(weight => weight / half.Sum())]);
        AssertShares(Plain with { Temperature = 0 }, [0, 1, 0, 0, 0]);
    }

    [Fact]
    public void Equally_likely_tokens_are_cut_in_their_order() => AssertShares(Plain with { TopK = 4 }, [.. new[] { 2.0, 8, 1, 4, 0 }.Select(weight => weight / 15)]);

    [Fact]
    public void What_was_said_is_made_less_likely_once_within_the_window_alone()
    {
        var choice = new TokenChoice(2, new SamplingOptions { Temperature = 0, RepetitionPenalty = 2, RepetitionWindow = 3 });
        Assert.Equal(1, choice.Choose([1.5f, 1], [0], 0));
        Assert.Equal(0, choice.Choose([3, 1], [0, 0], 0)); // Divided twice it would be less than 1.
        Assert.Equal(0, choice.Choose([1.5f, 1], [0, 1, 1, 1], 0));
        Assert.Equal(1, choice.Choose([-1, -1.5f], [0], 0)); // A negative score becomes more negative.
    }

    [Fact]
    public void Scores_are_left_as_they_are_and_any_random_number_gives_a_token()
    {
        float[] scores = [1, 2, 3];
        var choice = new TokenChoice(3, Plain with { RepetitionPenalty = 3, TopP = 0.9 });
        foreach (var uniform in new[] { 0, 0.5, Math.BitDecrement(1.0) })
        {
            Assert.InRange(choice.Choose(scores, [2, 2], uniform), 0, 2);
        }

        Assert.Equal([1f, 2f, 3f], scores);
        Assert.Equal(1, choice.Choose([0, float.PositiveInfinity, 0], [], 0.5));
        Assert.InRange(choice.Choose([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], [], 0.5), 0, 2);
        Assert.InRange(choice.Choose([float.NegativeInfinity, 0, float.NegativeInfinity], [], 0.999), 1, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_score_that_is_no_number_is_an_error_that_names_the_token(int token)
    {
        foreach (var options in new[] { Plain, Plain with { Temperature = 0 }, Plain with { TopP = 0.5, RepetitionPenalty = 2 } })
        {
            float[] scores = [1, 2, 3];
            scores[token] = float.NaN;
            var error = Assert.Throws<InvalidOperationException>(() => new TokenChoice(3, options).Choose(scores, [0, 1, 2], 0.3));
            Assert.Contains($"token {token} is no number", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_filters_together_leave_what_the_plainest_code_leaves()
    {
        const int Tokens = 60, Draws = 4000;
        var random = RandomStream.Of(5);
        double[] temperatures = [0.3, 1, 2], topPs = [1, 0.97, 0.5, 0.05], minPs = [0, 0.01, 0.3], penalties = [1, 1.4];
        int[] topKs = [0, 1, 7, 59, 60, 1000];
        for (var round = 0; round < 120; round++)
        {
            var options = new SamplingOptions
            {
                Temperature = temperatures[random.NextInt32(3)],
                TopK = topKs[random.NextInt32(6)],
                TopP = topPs[random.NextInt32(4)],
                MinP = minPs[random.NextInt32(3)],
                RepetitionPenalty = penalties[random.NextInt32(2)],
                RepetitionWindow = 10,
            };
            var scores = new float[Tokens];
            random.FillNormal(scores);
            for (var i = 0; i < Tokens; i++)
            {
                scores[i] = MathF.Round(3 * scores[i]) / 2; // So that many are alike.
            }

            int[] before = [.. Enumerable.Range(0, 25).Select(_ => random.NextInt32(Tokens))];
            var expected = Plainly(options, scores, before);
            var choice = new TokenChoice(Tokens, options);
            var counts = new double[Tokens];
            for (var i = 0; i < Draws; i++)
            {
                counts[choice.Choose(scores, before, (i + 0.5) / Draws)]++;
            }

            for (var i = 0; i < Tokens; i++)
            {
                Assert.InRange(counts[i] / Draws, expected[i] - (2.0 / Draws), expected[i] + (2.0 / Draws));
                Assert.False(expected[i] == 0 && counts[i] > 0);
            }
        }
    }

    // The probability of each token, filter after filter, each over a list in the order of likelihood.
    private static double[] Plainly(SamplingOptions options, float[] scores, int[] before)
    {
        var penalised = scores.Select((score, token) => !before.TakeLast(options.RepetitionWindow).Contains(token) ? score
            : score > 0 ? score / (float)options.RepetitionPenalty : score * (float)options.RepetitionPenalty).ToArray();
        var left = penalised.Select((score, token) => (Token: token, Weight: Math.Exp((score - (double)penalised.Max()) / options.Temperature)))
            .OrderByDescending(token => token.Weight).ThenBy(token => token.Token).ToList();
        left = options.TopK > 0 ? [.. left.Take(options.TopK)] : left;
        var all = left.Sum(token => token.Weight);
        left = options.TopP < 1 ? [.. left.Where((_, place) => place == 0 || left.Take(place).Sum(token => token.Weight) < options.TopP * all)] : left;
        left = [.. left.Where(token => token.Weight >= options.MinP)];
        var kept = left.Sum(token => token.Weight);
        return [.. Enumerable.Range(0, scores.Length).Select(token => left.Where(other => other.Token == token).Sum(other => other.Weight / kept))];
    }

    private static void AssertShares(SamplingOptions options, double[] expected)
    {
        const int Draws = 20_000;
        var choice = new TokenChoice(Scores.Length, options);
        var stream = RandomStream.Of(11);
        var counts = new double[Scores.Length];
        for (var i = 0; i < Draws; i++)
        {
            counts[choice.Choose(Scores, [], stream.NextDouble())]++;
        }

        for (var i = 0; i < counts.Length; i++)
        {
            Assert.Equal(expected[i], counts[i] / Draws, expected[i] is 0 or 1 ? 0 : 0.015);
        }
    }
}
