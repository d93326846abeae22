// Hosts that send rubbish: whatever comes instead of an answer is an error in bounded time, and the process is gone.
using System.Diagnostics;
using Umwelt.Moments;
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

public sealed class BrokenHostTests
{
    // Answers the first request as a host with one number to see and two things to do; {0} is what follows.
    private const string Ready =
        """
        import os, struct, json, time
        def read():
            length, kind = struct.unpack("<II", os.read(0, 8))
            return kind, os.read(0, length)
        def send(kind, body):
            os.write(1, struct.pack("<II", len(body), kind) + body)
        read()
        ready = {"protocol": 1, "python": "3", "gymnasium": "0", "rate": 20, "frame": None,
            "senses": [{"path": ["obs"], "kind": "box", "shape": [1], "low": None, "high": None}],
            "motors": [{"path": ["action"], "kind": "category", "shape": [1], "count": 2, "start": 0}]}

        """;

    private const string Good = Ready + "send(17, json.dumps(ready).encode())\nread()\n";

    [Theory]
    [InlineData("import os\nos.write(1, b'hello, this is no protocol')", "no message of this protocol")]
    [InlineData("import os\nos.write(1, bytes(8))", "no message of this protocol")]
    [InlineData("import os\nos.write(1, b'\\xff' * 100)", "no message of this protocol")]
    [InlineData("import os\nos.write(1, bytes([9, 0, 0]))", "in the middle of a message")]
    [InlineData("import os\nos.write(1, bytes([9, 0, 0, 0, 17, 0, 0, 0, 123]))", "in the middle of a message")]
    [InlineData("pass", "ended with exit code 0")]
    [InlineData("syntax error", "SyntaxError")]
    [InlineData(Ready + "send(17, b'{}')", "no JSON of this protocol")]
    [InlineData(Ready + "send(17, b'\\xff')", "no JSON of this protocol")]
    [InlineData(Ready + "send(19, b'[1]')", "no JSON of this protocol")]
    [InlineData(Ready + "send(18, b'')", "kind 18, not 17")]
    [InlineData(Ready + "ready['protocol'] = 2\nsend(17, json.dumps(ready).encode())", "it speaks protocol 2, not 1")]
    [InlineData(Ready + "ready['senses'][0]['kind'] = 'smell'\nsend(17, json.dumps(ready).encode())", "no JSON of this protocol")]
    [InlineData(Ready + "ready['senses'][0]['shape'] = [99999, 99999]\nsend(17, json.dumps(ready).encode())", "no JSON of this protocol")]
    [InlineData(Ready + "ready['senses'] *= 300\nsend(17, json.dumps(ready).encode())", "no schema")]
    [InlineData(Ready + "ready['rate'] = -1\nsend(17, json.dumps(ready).encode())", "no schema")]
    [InlineData(Good + "send(18, bytes(3))", "moments of 3 bytes came where 24 are needed")]
    [InlineData(Good + "send(18, bytes(32))", "moments of 32 bytes came where 24 are needed")]
    [InlineData(Good + "send(18, bytes([3]) + bytes(23))", "the ending of row 0 is 3")]
    [InlineData(Good + "send(18, bytes(24))\nsend(18, bytes(24))\nread()", "more than one answer|moments")]
    [InlineData(Good + "os.write(1, struct.pack('<IIQ', 24, 18, 0))", "in the middle of a message")]
    [InlineData(Good + "os.kill(os.getpid(), 11)", "ended by signal 11")]
    public void A_host_that_sends_rubbish_is_one_clear_error(string script, string said)
    {
        var error = Fails(script, TimeSpan.FromSeconds(20));
        if (said.Contains('|', StringComparison.Ordinal))
        {
            Assert.True(error is null || error.Message.Contains(said.Split('|')[0], StringComparison.Ordinal) || error.Message.Contains(said.Split('|')[1], StringComparison.Ordinal), error?.Message);
            return;
        }

        Assert.Contains(said, error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("import time\ntime.sleep(1000)")]
    [InlineData("import os, time\nos.write(1, bytes([9, 0, 0, 0, 17]))\ntime.sleep(1000)")]
    [InlineData(Good + "os.write(1, struct.pack('<IIQ', 24, 18, 0))\ntime.sleep(1000)")]
    public void Half_a_message_is_not_waited_for_without_end(string script)
    {
        var clock = Stopwatch.StartNew();
        Assert.Contains("did not answer within", Fails(script, TimeSpan.FromSeconds(0.7))!.Message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
    }

    private static WorldException? Fails(string script, TimeSpan limit)
    {
        try
        {
            using var world = StandIn.Open("Rubbish-v0", 1, options => options with { HostScript = script, TimeLimit = limit, StartLimit = limit });
            var (moments, commands) = BridgeTests.Batches(world);
            world.Reset(0, 1, moments);
            world.Step(commands, moments);
            return null;
        }
        catch (WorldException error)
        {
            return error;
        }
    }
}
