// What a server does and measures, sent by OpenTelemetry's protocol to whoever collects it: where to, how and under which name
// stands in the variables that all such programs know, OTEL_EXPORTER_OTLP_ENDPOINT first. Without it nothing is sent.
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Umwelt.Cli.Output;
using Umwelt.Server;

namespace Umwelt.Cli.Serve;

internal sealed class Telemetry : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    private readonly MeterProvider _meters = Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(Describe)
        .AddMeter(UmweltServer.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
        .AddOtlpExporter()
        .Build();

    private readonly TracerProvider _traces = Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(Describe)
        .AddSource("Microsoft.AspNetCore")
        .AddOtlpExporter()
        .Build();

    private Telemetry()
    {
    }

    /// <summary>Begins to send, where somebody has said where to. Before a server starts, which reads once what its traces hold.</summary>
    public static Telemetry? Start()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint)))
        {
            return null;
        }

        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: false);
        return new Telemetry();
    }

    /// <summary>Sends what is measured now: what stops next measures no more.</summary>
    public void Flush() => _meters.ForceFlush();

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        _meters.Dispose();
        _traces.Dispose();
    }

    private static void Describe(ResourceBuilder resource)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ServiceName)))
        {
            resource.AddService("umwelt", serviceVersion: ThisAssemblyVersion.Value);
        }
    }
}
