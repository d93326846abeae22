// How the tests open a set: as the command does.
using Umwelt.Moments.Importers;

using Xunit;

namespace Umwelt.Moments.Tests.LeRobot;

internal static class LeRobotSets
{
    public static Importer Open(string folder, ImportOptions? options = null) => Importer.Open("lerobot", folder, options, TestContext.Current.CancellationToken);
}
