// What the last bits of a result depend on beside seed and data: the backend with its instructions, and the engine's version.
using System.Reflection;
using Umwelt.Tensors;

namespace Umwelt.Learning.Internal;

internal static class Tier
{
    public static string Version { get; } = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static string Of(Backend backend) => backend.Name;
}
