// The questions that a schema allows, with their shares, and the losses they have: one for each question and channel that it
// infers, so that each corner of the mixture is seen apart.
using System.Collections.Immutable;
using Umwelt.Moments;

namespace Umwelt.Learning.Internal.World;

internal enum WorldQuestion
{
    Simulate,
    Act,
    Inverse,
    Caption,
    Imagine,
    Independent,
}

internal sealed class WorldQuestions
{
    private const int Count = (int)WorldQuestion.Independent + 1;
    private readonly double[] _ends = new double[Count];
    private readonly int[,] _losses;
    private readonly List<double> _weights = [];

    public WorldQuestions(Schema schema, WorldObjective objective)
    {
        Schema = schema;
        _losses = new int[Count, schema.Channels.Length];
        ReadOnlySpan<double> shares = [objective.Simulate, objective.Act, objective.Inverse, objective.Caption, objective.Imagine, objective.Independent];
        foreach (var (name, _) in objective.Weights)
        {
            _ = schema.IndexOf(name);
        }

        var total = 0.0;
        for (var question = 0; question < Count; question++)
        {
            total += CanBeAsked((WorldQuestion)question) ? shares[question] : 0;
            _ends[question] = total;
        }

        if (!(total > 0))
        {
            throw new ArgumentException("objective: no question is left that these channels allow; give simulate or independent a share.", nameof(objective));
        }

        var names = ImmutableArray.CreateBuilder<string>();
        for (var question = 0; question < Count; question++)
        {
            var share = _ends[question] - (question > 0 ? _ends[question - 1] : 0);
            for (var c = 0; c < schema.Channels.Length; c++)
            {
                var channel = schema.Channels[c];
                var infers = share > 0 && Infers((WorldQuestion)question, channel);
                _losses[question, c] = infers ? names.Count : -1;
                if (infers)
                {
                    names.Add($"{Enum.GetName((WorldQuestion)question)!.ToLowerInvariant()}.{channel.Name}");
                    _weights.Add(share / total * (objective.Weights.TryGetValue(channel.Name, out var weight) ? weight : 1));
                }
            }

            _ends[question] /= total;
        }

        Reentry = objective.Reentry > 0 ? names.Count : -1;
        if (Reentry >= 0)
        {
            names.Add("reentry");
            _weights.Add(objective.Reentry);
        }

        Names = names.ToImmutable();
    }

    public Schema Schema { get; }

    /// <summary>The names of the losses.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The loss of slots that stand for what they infer; -1 without.</summary>
    public int Reentry { get; }

    /// <summary>What a loss weighs.</summary>
    public double WeightOf(int loss) => _weights[loss];

    /// <summary>The loss of a channel under a question; -1 where it has none.</summary>
    public int LossOf(WorldQuestion question, int channel) => _losses[(int)question, channel];

    /// <summary>The question at this share of the mixture, from 0 to below 1.</summary>
    public WorldQuestion At(double share)
    {
        var question = 0;
        while (question + 1 < Count && share >= _ends[question])
        {
            question++;
        }

        return (WorldQuestion)question;
    }

    public static bool IsMotor(Channel channel) => channel.Role == ChannelRole.Motor;

    public static bool IsWords(Channel channel) => channel is TextChannel && !IsMotor(channel);

    public static bool IsSense(Channel channel) => !IsMotor(channel) && !IsWords(channel);

    private static bool Infers(WorldQuestion question, Channel channel) => question switch
    {
        WorldQuestion.Simulate => !IsMotor(channel),
        WorldQuestion.Act or WorldQuestion.Inverse => IsMotor(channel),
        WorldQuestion.Caption => IsWords(channel),
        WorldQuestion.Imagine => IsSense(channel),
        _ => true,
    };

    private bool CanBeAsked(WorldQuestion question)
    {
        bool Has(Func<Channel, bool> what) => Schema.Channels.Any(what);
        return question switch
        {
            WorldQuestion.Simulate => Has(channel => !IsMotor(channel)),
            WorldQuestion.Act => Has(IsMotor),
            WorldQuestion.Inverse => Has(IsMotor) && Has(IsSense),
            WorldQuestion.Caption or WorldQuestion.Imagine => Has(IsWords) && Has(IsSense),
            _ => true,
        };
    }
}
