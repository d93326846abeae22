// Claim: the bridge to Gymnasium changes nothing. Each environment takes 10,000 random steps twice: through the bridge, and in a
// plain Python loop that knows nothing of the bridge. Observations, rewards and ends have to be equal to the last bit; numbers of
// 64 bits are compared as the 32 that a moment holds, rewards in both. Needs a Python with Gymnasium; without one it does not run.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds;

namespace Umwelt;

/// <summary>Compares environments driven through the bridge with the same ones driven from Python.</summary>
public sealed class GymnasiumBridge : IExperiment
{
    private const long StepsOfEach = 10_000;

    private static readonly string[] Environments =
    [
        "CartPole-v1", "MountainCar-v0", "MountainCarContinuous-v0", "Pendulum-v1", "Acrobot-v1", "FrozenLake-v1", "Blackjack-v1", "Taxi-v4", "CliffWalking-v1",
    ];

    // Reads a line of actions, drives one environment with them and writes a line for each moment: the observation's
    // numbers in order, the reward, and whether it ended or was cut.
    private const string Reference =
        """
        import json, sys
        import gymnasium
        import numpy

        def numbers(value):
            if isinstance(value, (tuple, list)):
                return [number for item in value for number in numbers(item)]
            return numpy.asarray(value).ravel().tolist()

        environment = gymnasium.make(sys.argv[1])
        seed = int(sys.argv[2])
        box = isinstance(environment.action_space, gymnasium.spaces.Box)
        out = []
        observation, _ = environment.reset(seed=seed)
        out.append([numbers(observation), 0.0, False, False])
        for action in json.loads(sys.stdin.readline()):
            action = numpy.array(action, environment.action_space.dtype) if box else action[0]
            observation, reward, terminated, truncated, _ = environment.step(action)
            out.append([numbers(observation), float(reward), bool(terminated), bool(truncated)])
            if terminated or truncated:
                seed += 1
                observation, _ = environment.reset(seed=seed)
                out.append([numbers(observation), 0.0, False, False])
        for line in out:
            print(json.dumps(line))
        """;

    /// <inheritdoc/>
    public static string Name => "gymnasium-bridge";

    /// <inheritdoc/>
    public static string Claim =>
        "10,000 random steps of Gymnasium's environments through the bridge give the observations, rewards and ends, bit for bit, of driving them from Python.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        var differences = 0L;
        foreach (var environment in Environments)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(environment);
            var steps = (int)options.Scaled(StepsOfEach);
            using var world = GymnasiumWorld.Open(environment);
            var actions = Actions(world.Schema.Motor, steps, options.Seed);
            var expected = FromPython(environment, options.Seed, actions);
            var (moments, different) = Compare(world, options.Seed, actions, expected);
            differences += different;
            figures[$"{environment}_moments"] = moments;
            figures[$"{environment}_different"] = different;
        }

        figures["different"] = differences;
        return new ExperimentResult(figures, ["different = 0: every moment of every environment is equal to the last bit"], differences == 0);
    }

    private static float[][] Actions(Schema motor, int steps, long seed)
    {
        var random = RandomStream.Of(seed, 0x67796d);
        var actions = new float[steps][];
        for (var i = 0; i < steps; i++)
        {
            switch (motor.Channels[0])
            {
                case CategoryChannel category:
                    actions[i] = [random.NextInt32(category.Count)];
                    break;
                case VectorChannel vector:
                    actions[i] = new float[vector.Size];
                    for (var j = 0; j < vector.Size; j++)
                    {
                        actions[i][j] = vector.Minimum[j] + (random.NextSingle() * (vector.Maximum[j] - vector.Minimum[j]));
                    }

                    break;
            }
        }

        return actions;
    }

    private static List<JsonElement> FromPython(string environment, long seed, float[][] actions)
    {
        var python = Environment.GetEnvironmentVariable(GymnasiumOptions.PythonVariable) is { Length: > 0 } named ? named : "python3";
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", Reference, environment, seed.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var text = new StringBuilder("[");
        foreach (var action in actions)
        {
            text.Append(text.Length > 1 ? "," : "").Append('[').AppendJoin(',', action.Select(number => number.ToString("R", CultureInfo.InvariantCulture))).Append(']');
        }

        process.StandardInput.WriteLine(text.Append(']').ToString());
        process.StandardInput.Close();
        var lines = new List<JsonElement>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            lines.Add(document.RootElement.Clone());
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? lines : throw new WorldException($"gym:{environment}", $"Python's own loop ended with exit code {process.ExitCode}");
    }

    private static (long Moments, long Different) Compare(GymnasiumWorld world, long seed, float[][] actions, List<JsonElement> expected)
    {
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        commands.SetPresent(0, 0);
        var (at, different) = (0, 0L);
        world.Reset(0, seed, moments);
        different += IsEqual(world, moments, expected, at++) ? 0 : 1;
        foreach (var action in actions)
        {
            if (commands.Schema.Channels[0].Kind == ChannelKind.Category)
            {
                commands.Category(0, 0) = (int)action[0];
            }
            else
            {
                action.CopyTo(commands.Vector(0, 0));
            }

            world.Step(commands, moments);
            different += IsEqual(world, moments, expected, at++) ? 0 : 1;
            if (moments.Endings[0] != Ending.None)
            {
                world.Reset(0, ++seed, moments);
                different += IsEqual(world, moments, expected, at++) ? 0 : 1;
            }
        }

        return (at, different + Math.Abs(expected.Count - at));
    }

    private static bool IsEqual(GymnasiumWorld world, MomentBatch moments, List<JsonElement> expected, int at)
    {
        if (at >= expected.Count)
        {
            return false;
        }

        var line = expected[at];
        var seen = new List<float>();
        foreach (var channel in world.Schema.Senses)
        {
            if (world.Schema.Channels[channel].Kind == ChannelKind.Category)
            {
                seen.Add(moments.Category(channel, 0));
            }
            else
            {
                seen.AddRange(moments.Vector(channel, 0));
            }
        }

        var ending = line[2].GetBoolean() ? Ending.End : line[3].GetBoolean() ? Ending.Truncation : Ending.None;
        return moments.Endings[0] == ending
            && line[0].EnumerateArray().Select(number => Bits((float)number.GetDouble())).SequenceEqual(seen.Select(Bits))
            && BitConverter.DoubleToInt64Bits(line[1].GetDouble()) == BitConverter.DoubleToInt64Bits(world.Rewards[0])
            && Bits((float)line[1].GetDouble()) == Bits(moments[0].Vector("reward")[0]);
    }

    private static int Bits(float number) => BitConverter.SingleToInt32Bits(number);
}
