// All experiments, by the names the command knows them by.
namespace Umwelt;

/// <summary>The list of experiments.</summary>
public static class Experiments
{
    /// <summary>Every experiment, in the order of the data flow.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        Experiment.Of<FuzzReaders>(), Experiment.Of<GymnasiumBridge>(),
        Experiment.Of<Retention>(), Experiment.Of<MambaCopying>(), Experiment.Of<MambaInduction>(), Experiment.Of<ExtendedLstm>(), Experiment.Of<Hybrids>(), Experiment.Of<CarriedState>(),
        Experiment.Of<MixtureOfExpertsUse>(), Experiment.Of<LowRank>(),
        Experiment.Of<FlowMatching>(), Experiment.Of<ContinuousDecoder>(), Experiment.Of<FewSteps>(), Experiment.Of<Clamping>(), Experiment.Of<NoisyPendulum>(), Experiment.Of<NoisyBall>(), Experiment.Of<BatchInvariance>(),
        Experiment.Of<GptShakespeare>(), Experiment.Of<FillMask>(), Experiment.Of<Schedules>(), Experiment.Of<Resuming>(),
        Experiment.Of<LinearPlanning>(), Experiment.Of<SwingUp>(), Experiment.Of<PolicyOptimisation>(), Experiment.Of<LearningInDreams>(),
    ];
}

/// <summary>An experiment as an entry of the list.</summary>
public sealed record Experiment(
    string Name, string Claim, Func<ExperimentOptions, IProgress<string>, CancellationToken, ExperimentResult> Run)
{
    internal static Experiment Of<T>()
        where T : IExperiment => new(T.Name, T.Claim, T.Run);
}
