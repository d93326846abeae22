// Schedules are pure functions of the step that begin, stay and end where they say.
using Xunit;

namespace Umwelt.Learning.Tests;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(Decay.None)]
    [InlineData(Decay.Linear)]
    [InlineData(Decay.Cosine)]
    [InlineData(Decay.SquareRoot)]
    public void A_rate_rises_to_its_peak_and_never_rises_again(Decay decay)
    {
        var schedule = new RateSchedule(1000, 100, decay, 0.2, 0.1);
        Assert.Equal(0.01, schedule.At(0), 12);
        Assert.Equal(1, schedule.At(99), 12);
        for (var step = 1; step < 1000; step++)
        {
            Assert.True(step < 100 ? schedule.At(step) > schedule.At(step - 1) : schedule.At(step) <= schedule.At(step - 1) + 1e-12, $"step {step}");
            Assert.InRange(schedule.At(step), 0.01, 1);
        }

        Assert.Equal(decay == Decay.None ? 1 : 0.1, schedule.At(999), 1);
    }

    [Fact]
    public void A_rate_with_warm_up_stays_at_its_peak_until_the_decay_whatever_the_length_of_the_run()
    {
        var whole = new RateSchedule(1000, 50, Decay.SquareRoot, 0.2);
        var half = new RateSchedule(500, 50, Decay.SquareRoot, 0.2);
        for (var step = 0; step < 400; step++)
        {
            Assert.Equal(whole.At(step), half.At(step));
        }

        Assert.True(half.At(450) < whole.At(450));
    }

    [Fact]
    public void Stages_jump_or_go_in_straight_lines()
    {
        var jumps = new StagedSchedule([new Stage(0, 8), new Stage(0.5, 16)]);
        Assert.Equal([8, 8, 16, 16], new[] { 0, 0.49, 0.5, 1 }.Select(jumps.At));
        var lines = new StagedSchedule([new Stage(0, 8), new Stage(0.5, 16)], isGradual: true);
        Assert.Equal([8, 12, 16, 16], new[] { 0, 0.25, 0.5, 1 }.Select(lines.At));
        Assert.Throws<ArgumentException>(() => new StagedSchedule([new Stage(0.1, 1)]));
        Assert.Throws<ArgumentException>(() => new StagedSchedule([new Stage(0, 1), new Stage(0, 2)]));
        Assert.Throws<ArgumentException>(() => new StagedSchedule([]));
    }
}
