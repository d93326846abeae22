// Any OpenEnv server as a world, by its address: a row is a session of its own. A reset asks for the seed; the reward, and whether an episode
// stopped and why, stand beside the observation. After an error the world is dead.
using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Bridges.OpenEnv;

internal sealed class OpenEnvWorld : World
{
    private const double HighestRate = 10_000;
    private const int LongestSchema = 1 << 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly OpenEnvConnection[] _connections;
    private readonly OpenEnvValues _values;
    private readonly ArrayBufferWriter<byte> _message = new();
    private WorldException? _failure;
    private bool _isDisposed;

    private OpenEnvWorld(string name, OpenEnvConnection[] connections, OpenEnvSpaces spaces)
        : base(spaces.Schema, connections.Length)
    {
        (_name, _connections) = (name, connections);
        _values = new OpenEnvValues(name, spaces);
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        var rate = name.Number("rate", HighestRate);
        return Open(name.Whole, OpenEnvAddress.Of(name), rate, options.Count, Patience);
    }

    /// <exception cref="WorldException">There is no such server, or its spaces can't be a world's.</exception>
    public static OpenEnvWorld Open(string name, OpenEnvAddress address, double? rate, int count, TimeSpan patience)
    {
        using var said = SchemaOf(name, address, patience);
        var connections = new OpenEnvConnection?[count];
        try
        {
            for (var row = 0; row < count; row++)
            {
                connections[row] = OpenEnvConnection.Open(name, address, patience);
            }

            // Others leave shapes open that a first observation shows.
            connections[0]!.Send("""{"type":"reset","data":{}}"""u8.ToArray());
            using var first = connections[0]!.Receive(out var data);
            return new OpenEnvWorld(name, connections!, OpenEnvSpaces.Of(name, said.RootElement, data.TryGetProperty("observation", out var observation) ? observation : data, rate));
        }
        catch
        {
            foreach (var connection in connections)
            {
                connection?.Dispose();
            }

            throw;
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        Usable();
        try
        {
            Send(row, "reset"u8, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("seed"u8, seed);
                json.WriteEndObject();
            });
            Receive(row, moments, isFirst: true);
        }
        catch (WorldException error)
        {
            throw Failed(error);
        }
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        Usable();
        try
        {
            // All sessions work at once: every action is out before the first answer is waited for.
            for (var row = 0; row < Count; row++)
            {
                if (rows[row])
                {
                    var acting = row;
                    Send(row, "step"u8, json => _values.Write(json, moments, acting));
                }
            }

            for (var row = 0; row < Count; row++)
            {
                if (rows[row])
                {
                    Receive(row, moments, isFirst: false);
                }
            }
        }
        catch (WorldException error)
        {
            throw Failed(error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            Close();
        }
    }

    private static JsonDocument SchemaOf(string name, OpenEnvAddress address, TimeSpan patience)
    {
        using var client = new HttpClient { Timeout = patience, MaxResponseContentBufferSize = LongestSchema };
        client.DefaultRequestHeaders.Authorization = address.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        try
        {
            var answer = client.GetByteArrayAsync(address.Schema).GetAwaiter().GetResult();
            return JsonDocument.Parse(answer);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            throw new WorldException(name, $"there is no OpenEnv server at {address.Schema.GetLeftPart(UriPartial.Authority)} ({(error as HttpRequestException)?.InnerException?.Message ?? error.Message})", innerException: error);
        }
        catch (JsonException error)
        {
            throw new WorldException(name, $"what stands at {address.Schema} is no JSON", innerException: error);
        }
    }

    private void Send(int row, ReadOnlySpan<byte> type, Action<Utf8JsonWriter> data)
    {
        _message.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_message))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WritePropertyName("data"u8);
            data(json);
            json.WriteEndObject();
        }

        _connections[row].Send(_message.WrittenMemory);
    }

    private void Receive(int row, MomentBatch moments, bool isFirst)
    {
        using var document = _connections[row].Receive(out var data);
        var observation = data.TryGetProperty("observation", out var inner) ? inner : data;
        _values.Read(observation, moments, row);
        if (!isFirst && !Schema.Rewards.IsEmpty && data.TryGetProperty("reward", out var reward) && reward.ValueKind == JsonValueKind.Number
            && reward.TryGetSingle(out var worth) && float.IsFinite(worth))
        {
            moments.Vector(Schema.Rewards[0], row)[0] = worth;
            moments.SetPresent(Schema.Rewards[0], row);
        }

        // One flag says that an episode is over; why stands in the observation, where it stands anywhere.
        moments.Endings[row] = !Is(data, "done") ? Ending.None : Is(observation, "truncated") && !Is(observation, "terminated") ? Ending.Truncation : Ending.End;
    }

    private static bool Is(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;

    private void Usable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is not null)
        {
            throw new WorldException(_name, _failure.Problem, _failure.Details, _failure);
        }
    }

    private WorldException Failed(WorldException error)
    {
        _failure = error;
        Close();
        return error;
    }

    private void Close()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }
}
