// What a server counts of itself, as Prometheus reads it and as a meter of .NET for whoever listens, such as OpenTelemetry.
// Counting is an addition on a shared number and allocates nothing.
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Umwelt.Server.Internal;

internal sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "Umwelt.Server";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _stepSeconds;
    private readonly Histogram<double> _waitSeconds;
    private readonly Histogram _step = new();
    private readonly Histogram _wait = new();
    private long _moments;
    private long _dropped;
    private long _sent;
    private long _sentBytes;
    private long _messages;
    private long _faults;
    private long _refusals;

    public ServerMetrics()
    {
        _stepSeconds = _meter.CreateHistogram<double>("umwelt.step.duration", "s", "How long worlds took to step the rows that were due.");
        _waitSeconds = _meter.CreateHistogram<double>("umwelt.queue.duration", "s", "How long moments waited for their turn after they were due.");
        _meter.CreateObservableCounter("umwelt.moments", () => Moments, "{moment}", "Moments that worlds were stepped to.");
        _meter.CreateObservableCounter("umwelt.moments.dropped", () => Dropped, "{moment}", "Moments not sent, since their client was slow.");
        _meter.CreateObservableCounter("umwelt.messages.received", () => Volatile.Read(ref _messages), "{message}", "Messages from clients.");
        _meter.CreateObservableCounter("umwelt.messages.wrong", () => Volatile.Read(ref _faults), "{message}", "Messages from clients that were wrong.");
        _meter.CreateObservableCounter("umwelt.refusals", () => Volatile.Read(ref _refusals), "{refusal}", "Requests and connections refused.");
    }

    public long Moments => Volatile.Read(ref _moments);

    public long Dropped => Volatile.Read(ref _dropped);

    public void Stepped(float milliseconds, int rows)
    {
        _step.Add(milliseconds);
        _stepSeconds.Record(milliseconds / 1000);
        Interlocked.Add(ref _moments, rows);
    }

    public void Waited(float milliseconds)
    {
        _wait.Add(milliseconds);
        _waitSeconds.Record(milliseconds / 1000);
    }

    /// <summary>Lets listeners know how many sessions there are.</summary>
    public void Watch(Func<int> sessions) => _meter.CreateObservableGauge("umwelt.sessions", sessions, "{session}", "Sessions, those that wait to be resumed included.");

    public void Dispose() => _meter.Dispose();

    public void Drop() => Interlocked.Increment(ref _dropped);

    public void Sent(int bytes)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _sentBytes, bytes);
    }

    public void Message() => Interlocked.Increment(ref _messages);

    public void Fault() => Interlocked.Increment(ref _faults);

    public void Refusal() => Interlocked.Increment(ref _refusals);

    /// <summary>All of it in Prometheus' text format, version 0.0.4.</summary>
    public string Text(int sessions, int attached, int recordings)
    {
        var text = new StringBuilder();
        Gauge("umwelt_sessions", "Sessions, those that wait to be resumed included.", sessions);
        Gauge("umwelt_sessions_attached", "Sessions with somebody connected.", attached);
        Gauge("umwelt_recordings_under_way", "Recordings being written.", recordings);
        Counter("umwelt_moments_total", "Moments that worlds were stepped to.", _moments);
        Counter("umwelt_moments_dropped_total", "Moments not sent, since their client was slow.", _dropped);
        Counter("umwelt_messages_sent_total", "Messages sent to clients.", _sent);
        Counter("umwelt_sent_bytes_total", "Bytes of messages sent to clients.", _sentBytes);
        Counter("umwelt_messages_received_total", "Messages from clients.", _messages);
        Counter("umwelt_messages_wrong_total", "Messages from clients that were wrong.", _faults);
        Counter("umwelt_refusals_total", "Requests and connections refused.", _refusals);
        _step.Write(text, "umwelt_step_seconds", "How long worlds took to step the rows that were due.");
        _wait.Write(text, "umwelt_queue_seconds", "How long moments waited for their turn after they were due.");
        Gauge("umwelt_memory_managed_bytes", "Bytes of objects on the managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        Gauge("process_resident_memory_bytes", "Bytes of memory the process holds.", Environment.WorkingSet);
        return text.ToString();

        void Gauge(string name, string help, long value) => Line(name, help, "gauge", value);
        void Counter(string name, string help, long value) => Line(name, help, "counter", value);
        void Line(string name, string help, string type, long value) =>
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
    }

    /// <summary>Counts by size: each bound in milliseconds, then everything.</summary>
    private sealed class Histogram
    {
        private static readonly float[] Bounds = [0.1f, 0.25f, 0.5f, 1, 2.5f, 5, 10, 25, 50, 100, 250, 1000];
        private readonly long[] _counts = new long[Bounds.Length + 1];
        private long _microseconds;

        public void Add(float milliseconds)
        {
            var i = 0;
            while (i < Bounds.Length && milliseconds > Bounds[i])
            {
                i++;
            }

            Interlocked.Increment(ref _counts[i]);
            Interlocked.Add(ref _microseconds, (long)(milliseconds * 1000));
        }

        public void Write(StringBuilder text, string name, string help)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
            var sum = 0L;
            for (var i = 0; i < Bounds.Length; i++)
            {
                sum += Volatile.Read(ref _counts[i]);
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{Bounds[i] / 1000.0:0.#####}\"}} {sum}\n");
            }

            sum += Volatile.Read(ref _counts[^1]);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"+Inf\"}} {sum}\n");
            text.Append(CultureInfo.InvariantCulture, $"{name}_sum {Volatile.Read(ref _microseconds) / 1e6:0.######}\n{name}_count {sum}\n");
        }
    }
}
