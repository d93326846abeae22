// The laws of the worker pool: every tile once, by somebody, before Run returns; no hand-over is ever lost.
using Umwelt.Tensors.Internal.Cpu;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void EveryTileRunsOnce(int threads)
    {
        using var workers = new WorkerPool(threads);
        var counts = stackalloc int[100];
        for (var run = 0; run < 5000; run++)
        {
            var tiles = run % 100;
            new Span<int>(counts, 100).Clear();
            workers.Run(tiles, &Count, counts);
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(i < tiles ? 1 : 0, counts[i]);
            }
        }
    }

    [Fact]
    public void WorkersWakeAfterTheyParked()
    {
        using var workers = new WorkerPool(3);
        var counts = stackalloc int[8];
        for (var run = 1; run <= 60; run++)
        {
            // From no pause to one in which all have long parked.
            Thread.Sleep(run % 4);
            workers.Run(8, &Count, counts);
            for (var i = 0; i < 8; i++)
            {
                Assert.Equal(run, counts[i]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void AnExceptionReachesTheCallerAndThePoolLivesOn(int threads)
    {
        using var workers = new WorkerPool(threads);
        var counts = stackalloc int[20];
        for (var run = 0; run < 20; run++)
        {
            // A function pointer cannot be captured by the lambda of Assert.Throws.
            var thrown = false;
            try
            {
                workers.Run(20, &Throw, null);
            }
            catch (InvalidOperationException)
            {
                thrown = true;
            }

            Assert.True(thrown);
            new Span<int>(counts, 20).Clear();
            workers.Run(20, &Count, counts);
            Assert.Equal(20, new Span<int>(counts, 20).ToArray().Sum());
        }
    }

    [Fact]
    public void ManyPoolsComeAndGo()
    {
        var counts = stackalloc int[4];
        for (var i = 0; i < 50; i++)
        {
            using var workers = new WorkerPool(1 + (i % 4));
            if (i % 3 != 0)
            {
                workers.Run(4, &Count, counts);
            }

            if (i % 10 == 0)
            {
                Thread.Sleep(2);
            }

            workers.Dispose();
        }
    }

    [Fact]
    public void ScratchGrowsAndIsAligned()
    {
        using var workers = new WorkerPool(2);
        foreach (var bytes in (nuint[])[1, 1000, 64, 100_000])
        {
            for (var worker = 0; worker <= workers.Threads + 1; worker++)
            {
                var memory = (byte*)workers.Scratch(worker, bytes);
                Assert.Equal(0u, (nuint)memory % 64);
                memory[bytes - 1] = 1;
            }
        }
    }

    [Fact]
    public void ARunAllocatesNothing()
    {
        using var workers = new WorkerPool(2);
        var counts = stackalloc int[8];
        workers.Run(8, &Count, counts);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            workers.Run(8, &Count, counts);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Count(void* context, int tile, int worker) => Interlocked.Increment(ref ((int*)context)[tile]);

    private static void Throw(void* context, int tile, int worker)
    {
        if (tile % 3 == 1)
        {
            throw new InvalidOperationException("A tile failed.");
        }
    }
}
