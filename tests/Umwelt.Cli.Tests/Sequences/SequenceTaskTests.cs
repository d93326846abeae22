// The tasks of the experiments ask what they say they ask: an answer is where it can be known from, and nowhere else.
using Umwelt.Learning;
using Umwelt.Sequences;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Cli.Tests.Sequences;

public sealed class SequenceTaskTests
{
    private static readonly Dictionary<string, (SequenceTask Task, int Length)> Tasks = new(StringComparer.Ordinal)
    {
        ["copying"] = (new SelectiveCopying(3), 40),
        ["induction"] = (new InductionHeads(3), 64),
        ["parity"] = (new Parity(3), 50),
        ["recall"] = (new AssociativeRecall(3, 32), 128),
        ["needle"] = (new Needle(3, forgets: false), Needle.Length),
        ["right"] = (new RightContext(3), 32),
        ["dialects"] = (new Dialects(3), 64),
    };

    public static TheoryData<string> Names => [.. Tasks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_depend_on_seed_step_and_number_alone_and_those_measured_are_others(string name)
    {
        var (task, length) = Tasks[name];
        var whole = task.Next(new BatchRequest(5, 0, 0, 7, length));
        var parts = new[] { task.Next(new BatchRequest(5, 0, 0, 3, length)), task.Next(new BatchRequest(5, 0, 3, 4, length)) };
        Assert.Equal(whole.Tokens, parts.SelectMany(part => part.Tokens));
        Assert.Equal(whole.Targets, parts.SelectMany(part => part.Targets));
        Assert.NotEqual(whole.Tokens, task.Next(new BatchRequest(6, 0, 0, 7, length)).Tokens);
        Assert.NotEqual(whole.Tokens, task.Fresh(0, 7, length).Tokens);
        Assert.All(whole.Tokens, token => Assert.InRange(token, 0, task.Vocabulary)); // The last stands for what is hidden.
        Assert.All(whole.Targets.Where(target => target != Tensor.IgnoredTarget), target => Assert.InRange(target, 0, task.Vocabulary - 1));
    }

    [Fact]
    public void What_is_copied_is_what_stood_among_noise_in_its_order()
    {
        var row = Row("copying");
        var data = row.Tokens.Take(32).Where(token => token < 14).ToArray();
        Assert.Equal(SelectiveCopying.Copied, data.Length);
        Assert.Equal(data, row.Targets.TakeLast(SelectiveCopying.Copied));
        Assert.All(row.Targets.Take(32), target => Assert.Equal(Tensor.IgnoredTarget, target));
    }

    [Fact]
    public void A_measured_row_of_induction_has_the_special_token_twice_and_asks_for_what_followed_it()
    {
        for (var number = 0; number < 50; number++)
        {
            var row = Row("induction", number);
            int[] places = [.. Enumerable.Range(0, 64).Where(i => row.Tokens[i] == 16)];
            Assert.True(places is [_, 63], "Twice, and at the end.");
            Assert.Equal(row.Tokens[places[0] + 1], row.Targets[63]);
            Assert.Single(row.Targets, target => target >= 0);
        }
    }

    [Fact]
    public void Every_special_token_that_is_learnt_from_asks_for_what_followed_the_first_and_is_followed_by_it()
    {
        var batch = Tasks["induction"].Task.Next(new BatchRequest(0, 0, 0, 50, 64));
        for (var row = 0; row < 50; row++)
        {
            var (tokens, targets) = (batch.Tokens[(row * 64)..((row + 1) * 64)], batch.Targets[(row * 64)..((row + 1) * 64)]);
            var first = Array.IndexOf(tokens, 16);
            Assert.Equal(Tensor.IgnoredTarget, targets[first]);
            for (var i = first + 1; i < 64; i++)
            {
                Assert.Equal(tokens[i] == 16 ? tokens[first + 1] : Tensor.IgnoredTarget, targets[i]);
                Assert.True(tokens[i - 1] != 16 || tokens[i] == tokens[first + 1], $"row {row}, place {i}");
            }
        }
    }

    [Fact]
    public void Parity_is_measured_from_the_longest_learnt_length_on()
    {
        var row = Row("parity");
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i + 1 < Parity.Longest ? Tensor.IgnoredTarget : row.Tokens.Take(i + 1).Sum() % 2, row.Targets[i]);
        }
    }

    [Fact]
    public void Each_key_is_asked_once_and_answered_with_its_value()
    {
        var row = Row("recall");
        var values = Enumerable.Range(0, 8).ToDictionary(pair => row.Tokens[2 * pair], pair => row.Tokens[(2 * pair) + 1]);
        Assert.Equal(8, values.Count);
        int[] asked = [.. Enumerable.Range(0, 128).Where(i => row.Targets[i] >= 0)];
        Assert.Equal(values.Keys.Order(), asked.Select(i => row.Tokens[i]).Order());
        Assert.All(asked, i => Assert.Equal(values[row.Tokens[i]], row.Targets[i]));
        Assert.All(Enumerable.Range(16, 112).Except(asked), i => Assert.Equal(0, row.Tokens[i]));
    }

    [Fact]
    public void A_measured_needle_is_the_only_one_and_exactly_so_far_back()
    {
        var row = Row("needle");
        var place = Assert.Single(Enumerable.Range(0, Needle.Length), i => row.Tokens[i] < 8);
        var question = Assert.Single(Enumerable.Range(0, Needle.Length), i => row.Targets[i] >= 0);
        Assert.Equal(Needle.Distance, question - place);
        Assert.InRange(place, 0, Needle.Window - 1);
        Assert.Equal(row.Tokens[place], row.Targets[question]);
    }

    [Fact]
    public void Windows_of_a_lane_follow_each_other_and_ask_for_the_last_needle()
    {
        var task = Tasks["needle"].Task;
        var (needle, answers, late) = (-1, 0, 0);
        var since = 0;
        for (var step = 0; step < 200; step++)
        {
            var batch = task.Next(new BatchRequest(step, 0, 2, 1, Needle.Window));
            needle = batch.Begins[0] ? -1 : needle;
            for (var i = 0; i < Needle.Window; i++)
            {
                (needle, since) = batch.Tokens[i] < 8 ? (batch.Tokens[i], 0) : (needle, since + 1);
                if (batch.Targets[i] >= 0 && needle >= 0)
                {
                    Assert.Equal(needle, batch.Targets[i]);
                    answers++;
                    late += since > Needle.Window ? 1 : 0;
                }
            }
        }

        Assert.InRange(answers, 900, 1700);
        Assert.InRange(late, answers / 4, answers * 3 / 4);
    }

    [Fact]
    public void A_hidden_token_follows_from_one_to_its_right_that_is_shown_and_from_no_other()
    {
        var task = Tasks["right"].Task;
        var batch = task.Fresh(0, 200, 32);
        var permutation = new Dictionary<int, int>();
        for (var i = 0; i < batch.Targets.Length; i++)
        {
            if (batch.Targets[i] >= 0)
            {
                Assert.InRange(batch.Tokens[i + 4], 0, task.Vocabulary - 1);
                permutation.TryAdd(batch.Tokens[i + 4], batch.Targets[i]);
                Assert.Equal(permutation[batch.Tokens[i + 4]], batch.Targets[i]);
            }
        }

        Assert.Equal(task.Vocabulary, permutation.Values.Distinct().Count());
    }

    private static (int[] Tokens, int[] Targets) Row(string name, int number = 0)
    {
        var batch = Tasks[name].Task.Fresh(number, 1, Tasks[name].Length);
        return (batch.Tokens, batch.Targets);
    }
}
