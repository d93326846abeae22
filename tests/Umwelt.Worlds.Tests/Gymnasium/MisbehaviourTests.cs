// What environments do that they must not, and what their process suffers: each is one clear error, after which the world
// can be disposed and nothing is left, neither processes nor handles; moments made before stay what they were.
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.Gymnasium;
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

public sealed class MisbehaviourTests
{
    [Theory]
    [InlineData("raise", "the environment raised ValueError in row 0: the floor gave way")]
    [InlineData("exit", "the environment asked Python to exit in row 0")]
    [InlineData("die", "ended with exit code 9; its last words: last words")]
    [InlineData("nan", "the environment gave NaN for channel 'obs' of row 0")]
    [InlineData("infinite_reward", "for channel 'reward' of row 0")]
    [InlineData("shape", "'obs' has 4 numbers; its space says 3")]
    [InlineData("nothing", "'obs' has 1 numbers; its space says 3")]
    public void An_environment_that_misbehaves_is_one_clear_error(string how, string said)
    {
        using var world = Misbehaving(how);
        var host = Process.GetProcessById(world.Hosts.Single().Id);

        var error = Fails(world);

        Assert.StartsWith("gym:Misbehaving-v0: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(host.WaitForExit(5000));
    }

    [Fact]
    public void An_exception_keeps_its_traceback_and_names_its_place()
    {
        using var world = Misbehaving("raise");
        var error = Fails(world);

        Assert.Matches("""__init__\.py:\d+ in _raise""", error.Message);
        Assert.Contains("Traceback", error.Details, StringComparison.Ordinal);
        Assert.Contains("raise ValueError(\"the floor\\ngave way\")", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("umwelt-host.py", error.Details, StringComparison.Ordinal);
    }

    [Fact]
    public void The_row_of_an_error_is_the_worlds_own()
    {
        using var world = StandIn.Open("WrongCategory-v0", 4, options => options with { Processes = 2 });
        var moments = new MomentBatch(world.Schema, 4);
        var commands = new MomentBatch(world.Schema.Motor, 4);
        for (var row = 0; row < 4; row++)
        {
            world.Reset(row, 1, moments);
            commands.SetPresent(0, row);
        }

        var error = Assert.Throws<WorldException>(() => world.Step(commands, moments, [false, false, false, true]));
        Assert.Contains("'obs' is 3; its space holds 3 values from 0 in row 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hang_is_an_error_when_its_time_is_over()
    {
        using var world = Misbehaving("hang", TimeSpan.FromSeconds(0.5));
        var host = Process.GetProcessById(world.Hosts.Single().Id);

        Assert.Contains("did not answer within 0.5 s", Fails(world).Message, StringComparison.Ordinal);
        Assert.True(host.WaitForExit(5000));
    }

    [Fact]
    public void A_world_that_failed_says_so_again_and_earlier_moments_stay()
    {
        using var world = Misbehaving("raise");
        var (moments, commands) = BridgeTests.Batches(world);
        var kept = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        world.Step(commands, moments);
        world.Step(commands, moments);
        kept.Copy(moments, 0, 0);

        Assert.Throws<WorldException>(() => world.Step(commands, moments));
        var again = Assert.Throws<WorldException>(() => world.Reset(0, 2, moments));

        Assert.Contains("has failed before", again.Message, StringComparison.Ordinal);
        Assert.Equal(2, kept[0].Vector("obs")[0]);
        world.Dispose();
        Assert.Throws<ObjectDisposedException>(() => world.Reset(0, 2, moments));
    }

    [Fact]
    public void A_host_that_was_killed_is_an_error()
    {
        using var world = StandIn.Open("Counter-v0");
        using var host = Process.GetProcessById(world.Hosts.Single().Id);
        var (moments, commands) = BridgeTests.Batches(world);
        world.Reset(0, 1, moments);
        host.Kill();
        host.WaitForExit();

        var error = Assert.Throws<WorldException>(() => world.Step(commands, moments));
        Assert.Contains("ended", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_host_is_an_error_when_its_time_is_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other machine: Windows has no signal that freezes a process");
        using var world = StandIn.Open("Counter-v0", 1, options => options with { TimeLimit = TimeSpan.FromSeconds(0.5) });
        var (moments, commands) = BridgeTests.Batches(world);
        world.Reset(0, 1, moments);
        using (var stop = Process.Start("/bin/kill", ["-STOP", $"{world.Hosts.Single().Id}"]))
        {
            stop.WaitForExit();
        }

        var error = Assert.Throws<WorldException>(() => world.Step(commands, moments));
        Assert.Contains("did not answer within 0.5 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_ends_with_its_input_even_in_an_endless_step()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other machine: Windows says nothing of a pipe that closed until it is read");
        var host = HostProcess.Start("test", StandIn.Options, shares: false);
        using var process = Process.GetProcessById(host.Id);
        var limit = TimeSpan.FromSeconds(30);
        host.Send(Message(Wire.Make, """{"protocol":1,"environment":"Misbehaving-v0","first":0,"count":1,"render":false,"spin":0,"shares":false,"arguments":{"how":"hang"}}"""u8), limit);
        host.Receive(Wire.Ready);
        host.Send(Message(Wire.Reset, new byte[16]), limit);
        host.Receive(Wire.Moments);
        byte[] step = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        for (var i = 0; i < 2; i++)
        {
            host.Send(Message(Wire.Step, step), limit);
            host.Receive(Wire.Moments);
        }

        host.Send(Message(Wire.Step, step), limit);
        Assert.False(process.WaitForExit(200));
        host.CloseInput();
        Assert.True(process.WaitForExit(5000));
        host.Dispose();
    }

    [Theory]
    [InlineData("Counter-v1", "the environment raised NameNotFound: Environment `Counter-v1` doesn't exist.")]
    [InlineData("no_such_module:Counter-v0", "the environment raised ModuleNotFoundError: No module named 'no_such_module'")]
    [InlineData("Unspeakable-v0", "space 'obs.net' is Graph, which no channel holds")]
    public void An_environment_that_can_not_be_is_one_clear_error(string environment, string said)
    {
        var error = Assert.Throws<WorldException>(() => StandIn.Open(environment));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_Python_is_one_line_that_says_what_to_do()
    {
        var error = Assert.Throws<WorldException>(() => StandIn.Open("Counter-v0", 1, options => options with { Python = "no-such-python" }));
        Assert.Contains("'no-such-python'", error.Message, StringComparison.Ordinal);
        Assert.Contains("install Python 3.9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_Gymnasium_is_one_line_that_says_what_to_do()
    {
        var script = "import sys\nsys.modules['gymnasium'] = None\n" + System.Text.Encoding.UTF8.GetString(HostProcess.Script());
        var error = Assert.Throws<WorldException>(() => StandIn.Open("Counter-v0", 1, options => options with { HostScript = script }));
        Assert.Contains("Gymnasium is not installed", error.Message, StringComparison.Ordinal);
        Assert.Contains("-m pip install gymnasium", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The error of the third step.</summary>
    internal static WorldException Fails(World world)
    {
        var (moments, commands) = BridgeTests.Batches(world);
        world.Reset(0, 1, moments);
        world.Step(commands, moments);
        world.Step(commands, moments);
        return Assert.Throws<WorldException>(() => world.Step(commands, moments));
    }

    internal static GymnasiumWorld Misbehaving(string how, TimeSpan? limit = null) => StandIn.Open(
        "Misbehaving-v0", 1, options => options with { Arguments = options.Arguments.Add("how", $"\"{how}\""), TimeLimit = limit ?? options.TimeLimit });

    private static byte[] Message(int kind, ReadOnlySpan<byte> body)
    {
        byte[] message = [.. new byte[Wire.HeaderSize], .. body];
        Wire.WriteHeader(message, kind);
        return message;
    }
}
