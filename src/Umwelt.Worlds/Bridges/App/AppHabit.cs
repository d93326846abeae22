// The scripted occupant of a program: it does one of the habits of the program's file for a while, then another, by their weights; and
// where the picture has stopped to change, one that is for being stuck. What it does follows from its seed and what it sees.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Worlds.Bridges.App;

/// <summary>Something to do for a while.</summary>
internal sealed class AppHabit
{
    public AppHabit(AppHabitDocument document, Schema schema, Func<string, Exception> wrong)
    {
        if (document.Seconds is not [var least, var most] || !(least > 0) || !(most >= least) || most > 1e6 || !(document.Weight > 0) || double.IsInfinity(document.Weight))
        {
            throw wrong("seconds are from so many to so many, weight is above 0");
        }

        (Least, Most, Weight, IsStuck) = (least, most, document.Weight, document.Stuck);
        Commands = new MomentBatch(schema.Motor, 1);
        new StillOccupant(schema.Motor).Act(Commands, Commands, [true]);
        foreach (var (name, value) in document.Do)
        {
            var channel = schema.Motor.Find(name) ?? throw wrong($"there is no motor '{name}'");
            Set(schema.Motor.Channels[channel], channel, value, wrong);
        }
    }

    public double Least { get; }

    public double Most { get; }

    public double Weight { get; }

    public bool IsStuck { get; }

    /// <summary>What is done, a row of the motor channels.</summary>
    public MomentBatch Commands { get; }

    private void Set(Channel channel, int index, JsonElement value, Func<string, Exception> wrong)
    {
        if (channel is CategoryChannel category)
        {
            var number = value.ValueKind == JsonValueKind.String ? category.Labels.IndexOf(value.GetString()!)
                : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var given) ? given
                : -1;
            Commands.Category(index, 0) = (uint)number < (uint)category.Count ? number : throw wrong($"'{channel.Name}' is one of {string.Join(", ", category.Labels)}");
            return;
        }

        var numbers = Commands.Vector(index, 0);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != numbers.Length)
        {
            throw wrong($"'{channel.Name}' takes {numbers.Length} numbers");
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = value[i].ValueKind == JsonValueKind.Number && value[i].TryGetSingle(out var one) && float.IsFinite(one) ? one : throw wrong($"'{channel.Name}' takes numbers");
        }
    }
}

/// <summary>Somebody who lives by habits.</summary>
internal sealed class HabitOccupant(AppPlan plan) : Occupant
{
    // A picture that changes by less than this on average, in 255ths, for so many moments stands still.
    private const double Stillness = 1;
    private const int MomentsOfStillness = 6;
    private const long StreamName = 0x68616269;

    private Mind _mind = new();

    public override void Reset(int row, long seed) => _mind = new Mind { Chance = RandomStream.Of(seed, StreamName) };

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        if (rows[0])
        {
            commands.Copy(Next(_mind, moments.Image(0, 0)).Commands, 0, 0);
        }
    }

    private AppHabit Next(Mind mind, ReadOnlySpan<byte> picture)
    {
        mind.StillFor = mind.Past.Length == picture.Length && Change(mind.Past, picture) < Stillness ? mind.StillFor + 1 : 0;
        mind.Past = picture.ToArray();
        var isStuck = mind.StillFor >= MomentsOfStillness && mind.Habit is { IsStuck: false };
        if (mind.Habit is null || mind.Left-- <= 0 || isStuck)
        {
            var choices = plan.Habits.Where(habit => habit.IsStuck == isStuck).ToArray();
            choices = choices.Length > 0 ? choices : [.. plan.Habits];
            var at = mind.Chance.NextDouble() * choices.Sum(static habit => habit.Weight);
            mind.Habit = choices[^1];
            foreach (var choice in choices)
            {
                at -= choice.Weight;
                if (at < 0)
                {
                    mind.Habit = choice;
                    break;
                }
            }

            mind.Left = (int)((mind.Habit.Least + (mind.Chance.NextDouble() * (mind.Habit.Most - mind.Habit.Least))) * plan.Schema.Rate);
            mind.StillFor = 0;
        }

        return mind.Habit;
    }

    private static double Change(ReadOnlySpan<byte> past, ReadOnlySpan<byte> now)
    {
        var sum = 0L;
        for (var i = 0; i < now.Length; i++)
        {
            sum += Math.Abs(now[i] - past[i]);
        }

        return sum / (double)now.Length;
    }

    private sealed class Mind
    {
        public RandomStream Chance;

        public byte[] Past { get; set; } = [];

        public int StillFor { get; set; }

        public AppHabit? Habit { get; set; }

        public int Left { get; set; }
    }
}
