// `gym:CartPole-v1?sight=64&processes=2&sutton_barto_reward=true`: settings of ours, and the rest as arguments of the environment.
using System.Collections.Immutable;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Worlds.Catalogue;

internal static class GymnasiumName
{
    private const int LargestSight = 1024;
    private const int MostProcesses = 256;
    private const double HighestRate = 10_000;

    public static World Open(WorldName name, WorldOptions options)
    {
        if (string.IsNullOrEmpty(name.Argument))
        {
            throw name.Wrong("an environment's name has to follow the colon, such as gym:CartPole-v1");
        }

        var gymnasium = options.Gymnasium;
        if (name.Text("sight") is { } sight)
        {
            var size = string.Equals(sight, "true", StringComparison.Ordinal) ? 0 : name.Integer(sight, "sight", 1, LargestSight);
            gymnasium = gymnasium with { Sight = true, SightHeight = size, SightWidth = size };
        }

        gymnasium = gymnasium with
        {
            Processes = name.Integer("processes", gymnasium.Processes, 1, MostProcesses),
            Occupant = name.Text("occupant") ?? gymnasium.Occupant,
            Rate = name.Number("rate", HighestRate) ?? gymnasium.Rate,
            Arguments = name.Rest().Aggregate(gymnasium.Arguments, (arguments, setting) => arguments.SetItem(setting.Key, AsJson(setting.Value))),
        };
        return GymnasiumWorld.Open(name.Argument, options.Count, gymnasium);
    }

    // What is JSON stays so (true, 3, [1, 2]); anything else is a text.
    private static string AsJson(string value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            return value;
        }
        catch (JsonException)
        {
            return $"\"{JsonEncodedText.Encode(value)}\"";
        }
    }
}
