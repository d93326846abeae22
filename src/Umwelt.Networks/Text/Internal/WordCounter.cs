// Counts the pieces of many texts on many threads. One thread reads and hands out chunks, each of the others counts into a table of
// its own, and the tables are added up at the end; a sum of counts has no order, so the result knows nothing of the threads.
using System.Collections.Concurrent;

namespace Umwelt.Networks.Text.Internal;

internal sealed class WordCounter(Splitter splitter, int threads, IProgress<TokenizerProgress>? progress, CancellationToken cancellation)
{
    private const string Stage = "counting words";

    /// <summary>Counts all streams, each a text of its own; <paramref name="length"/> is what they have together, as far as known.</summary>
    public WordCounts Count(IEnumerable<Func<Stream>> streams, long length)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var chunks = new BlockingCollection<ReadOnlyMemory<byte>>(threads * 2);
        var workers = new Task<WordCounts>[threads];
        for (var i = 0; i < threads; i++)
        {
            workers[i] = Task.Factory.StartNew(() => Work(chunks, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        try
        {
            Read(streams, length, chunks, stopping.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A worker has failed and stopped the others; its own exception follows below.
        }
        catch
        {
            stopping.Cancel();
            throw;
        }
        finally
        {
            chunks.CompleteAdding();
            Task.WhenAll(workers).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        var total = workers[0].GetAwaiter().GetResult();
        foreach (var worker in workers.AsSpan(1))
        {
            cancellation.ThrowIfCancellationRequested();
            total.Add(worker.GetAwaiter().GetResult());
        }

        return total;
    }

    private void Read(IEnumerable<Func<Stream>> streams, long length, BlockingCollection<ReadOnlyMemory<byte>> chunks, CancellationToken stopping)
    {
        var read = 0L;
        foreach (var open in streams)
        {
            using var stream = open();
            foreach (var chunk in TextChunks.Of(stream))
            {
                stopping.ThrowIfCancellationRequested();
                chunks.Add(chunk, stopping);
                read += chunk.Length;
                progress?.Report(new TokenizerProgress(Stage, read, length));
            }
        }
    }

    private WordCounts Work(BlockingCollection<ReadOnlyMemory<byte>> chunks, CancellationTokenSource stopping)
    {
        try
        {
            var counts = new WordCounts();
            foreach (var chunk in chunks.GetConsumingEnumerable(CancellationToken.None))
            {
                if (stopping.IsCancellationRequested)
                {
                    break;
                }

                counts.Add(chunk.Span, splitter);
            }

            return counts;
        }
        catch
        {
            stopping.Cancel();
            throw;
        }
    }
}
