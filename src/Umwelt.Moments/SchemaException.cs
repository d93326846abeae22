// A schema that can't be, said once when it is made, so that nothing downstream has to check it again.
namespace Umwelt.Moments;

/// <summary>A channel, or a schema as a whole, that can't be.</summary>
public sealed class SchemaException : ArgumentException
{
    /// <summary>Names the channel and what is wrong with it.</summary>
    /// <param name="channel">The channel's name; null where the schema as a whole is wrong.</param>
    /// <param name="reason">What is wrong, as the end of a sentence.</param>
    public SchemaException(string? channel, string reason)
        : base(channel is null ? $"schema: {reason}" : $"channel '{channel}': {reason}")
    {
        Channel = channel;
        Reason = reason;
    }

    /// <summary>The channel's name; null where the schema as a whole is wrong.</summary>
    public string? Channel { get; }

    /// <summary>What is wrong.</summary>
    public string Reason { get; }
}
