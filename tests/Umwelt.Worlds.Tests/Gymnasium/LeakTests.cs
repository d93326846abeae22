// Worlds that are gone leave nothing behind. Handles are counted for the whole process, so nothing may run beside this.
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

[Collection("alone")]
public sealed class LeakTests
{
    [Fact]
    public void Nothing_is_left_of_worlds_that_are_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other machine: handles are counted in /proc");
        var hosts = new List<int>();
        void Live(string how)
        {
            using var world = MisbehaviourTests.Misbehaving(how);
            hosts.Add(world.Hosts.Single().Id);
            if (!string.Equals(how, "print", StringComparison.Ordinal))
            {
                MisbehaviourTests.Fails(world);
            }
        }

        Live("raise");
        var before = Pipes();
        foreach (var how in (string[])["raise", "die", "nan", "print", "shape", "exit"])
        {
            Live(how);
        }

        // The thread that reads standard error closes it a moment after the process has ended.
        Assert.True(SpinWait.SpinUntil(() => Pipes() <= before, 5000), $"{before} pipes before, {Pipes()} after");
        Assert.All(hosts, host => Assert.False(Directory.Exists($"/proc/{host}")));
    }

    private static int Pipes()
    {
        var count = 0;
        foreach (var file in Directory.GetFiles("/proc/self/fd"))
        {
            try
            {
                count += File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name.StartsWith("pipe:", StringComparison.Ordinal) == true ? 1 : 0;
            }
            catch (FileNotFoundException)
            {
                // Listing the folder opened a handle that is closed by now.
            }
        }

        return count;
    }
}
