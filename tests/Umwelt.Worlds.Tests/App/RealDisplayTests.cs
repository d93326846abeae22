// The same over a real X server, where there is one: a painter stands for the program, which shows which keys are down.
using System.Buffers.Binary;
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.App;
using Umwelt.Worlds.Bridges.App.Display;
using Xunit;

namespace Umwelt.Worlds.Tests.App;

public sealed class RealDisplayTests
{
    [Fact]
    public void Keys_arrive_at_a_real_display_and_its_picture_at_the_moment_that_follows()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipUnless(path.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "Xvfb"))), "other machine: there is no Xvfb");
        using var display = PrivateDisplay.Start("app:test", 40, 30);
        Environment.SetEnvironmentVariable(XAuthority.Variable, display.Authority);
        using var painter = new Painter(display.Name);
        var document = TestWorlds.FileOf($$"""
            {
              "display": "{{display.Name}}", "size": [4, 3], "settle": 0, "rate": 10, "patience": 0,
              "motors": [ { "name": "go", "choices": ["", "a", "Control_L+Up", "Mouse3"] }, { "name": "look", "mouse": [5, 5] } ]
            }
            """);
        using var world = new AppWorld("app:test", AppPlan.Read(document));
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        new StillOccupant(world.Schema.Motor).Act(moments, commands, [true]);
        foreach (var go in new[] { 1, 0, 2, 3, 2, 1 })
        {
            commands[0].Category("go") = go;
            commands[0].Vector("look")[0] = 0.4f * (go - 1);
            world.Step(commands, moments);
            Assert.Equal(go switch { 0 => 0, 2 => 100, _ => 50 }, moments[0].Image("sight")[0]);
        }

        using var other = XDisplay.Open(display.Name, null, TimeSpan.FromSeconds(5));
        var held = new bool[XKeys.Count];
        other.Held(held);
        Assert.Equal([other.CodeOf("a")!.Value], held.Index().Where(static key => key.Item).Select(static key => key.Index));
        Assert.Equal(20 + 2 * (0 - 1 + 1 + 2 + 1 + 0), other.Pointer().X);
    }

    [Fact]
    public void A_private_display_goes_with_the_one_who_started_it()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipUnless(path.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "Xvfb"))), "other machine: there is no Xvfb");
        string name;
        using (var display = PrivateDisplay.Start("app:test", 40, 30))
        {
            name = display.Name;
            using var guard = Process.GetProcessById(display.Id);
            using var open = XDisplay.Open(name, display.Authority, TimeSpan.FromSeconds(5));
            Assert.Equal((40, 30), (open.Width, open.Height));
        }

        Assert.Throws<XDisplayException>(() => XDisplay.Open(name, null, TimeSpan.FromSeconds(1)));
    }

    /// <summary>Paints the whole screen as grey as there are keys down, fifty for each.</summary>
    private sealed class Painter : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _isOver;

        public Painter(string name)
        {
            _thread = new Thread(() => Paint(name)) { IsBackground = true };
            _thread.Start();
        }

        public void Dispose()
        {
            _isOver = true;
            _thread.Join();
        }

        private void Paint(string name)
        {
            const uint Context = 1;
            using var eyes = XDisplay.Open(name, null, TimeSpan.FromSeconds(5));
            using var hand = XConnection.Open(name, null, TimeSpan.FromSeconds(5));
            var context = BinaryPrimitives.ReadUInt32LittleEndian(hand.Setup.AsSpan(4)) + Context;
            var create = hand.Request(55, 0, 20, out _);
            BinaryPrimitives.WriteUInt32LittleEndian(create[4..], context);
            BinaryPrimitives.WriteUInt32LittleEndian(create[8..], eyes.Root);
            BinaryPrimitives.WriteUInt32LittleEndian(create[12..], 0x8000); // How children are treated: painted over.
            BinaryPrimitives.WriteUInt32LittleEndian(create[16..], 1);
            var held = new bool[XKeys.Count];
            while (!_isOver)
            {
                Array.Clear(held);
                eyes.Held(held);
                var change = hand.Request(56, 0, 16, out _);
                BinaryPrimitives.WriteUInt32LittleEndian(change[4..], context);
                BinaryPrimitives.WriteUInt32LittleEndian(change[8..], 4); // The foreground.
                BinaryPrimitives.WriteUInt32LittleEndian(change[12..], (uint)held.Count(static key => key) * 50 * 0x010101);
                var fill = hand.Request(70, 0, 20, out _);
                BinaryPrimitives.WriteUInt32LittleEndian(fill[4..], eyes.Root);
                BinaryPrimitives.WriteUInt32LittleEndian(fill[8..], context);
                BinaryPrimitives.WriteUInt16LittleEndian(fill[16..], 40);
                BinaryPrimitives.WriteUInt16LittleEndian(fill[18..], 30);
                hand.Flush();
                Thread.Sleep(2);
            }
        }
    }
}
