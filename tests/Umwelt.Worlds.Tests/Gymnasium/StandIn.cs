// Where the stand-in for Gymnasium lies: the bridge finds it as Python finds any package.
namespace Umwelt.Worlds.Tests.Gymnasium;

internal static class StandIn
{
    static StandIn()
    {
        Environment.SetEnvironmentVariable("PYTHONPATH", Path.Combine(AppContext.BaseDirectory, "StandIn"));
        Environment.SetEnvironmentVariable("PYTHONDONTWRITEBYTECODE", "1");
    }

    public static GymnasiumOptions Options { get; } = new() { TimeLimit = TimeSpan.FromSeconds(30) };

    public static GymnasiumWorld Open(string environment, int count = 1, Func<GymnasiumOptions, GymnasiumOptions>? change = null) =>
        GymnasiumWorld.Open(environment, count, change is null ? Options : change(Options));
}
