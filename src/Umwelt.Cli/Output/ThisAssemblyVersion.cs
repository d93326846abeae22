// The version of this build, with the commit it was made from where git knew one.
using System.Reflection;

namespace Umwelt.Cli.Output;

internal static class ThisAssemblyVersion
{
    public static string Value { get; } =
        typeof(ThisAssemblyVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
