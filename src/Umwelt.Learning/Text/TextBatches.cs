// Batches of tokens: windows at random places, or lanes that read on where they were, with random new beginnings. What a row
// holds is a function of seed, step and row (and, for lanes, of where the lane stands), so a step's parts are its whole.
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Learning.Internal;
using Umwelt.Storage;

namespace Umwelt.Learning;

/// <summary>A text as tokens, and its share of what is learnt.</summary>
/// <param name="Tokens">The text.</param>
/// <param name="Share">Its share over the run, relative to the others; null shares by length.</param>
public sealed record TextPart(int[] Tokens, StagedSchedule? Share = null);

/// <summary>How rows are cut out of texts.</summary>
public sealed record TextBatchOptions
{
    /// <summary>Where all randomness comes from.</summary>
    public long Seed { get; init; }

    /// <summary>Whether rows read on from step to step instead of beginning at a random place each.</summary>
    public bool AreLanes { get; init; }

    /// <summary>The chance that a lane begins anew at a step.</summary>
    public double Restarts { get; init; }

    /// <summary>What hides tokens where hidden ones are learnt; null where the next ones are.</summary>
    public TokenMask? Mask { get; init; }
}

/// <summary>Cuts rows out of texts.</summary>
public sealed class TextBatches : IBatches<TextBatch>
{
    private const int Window = 1;
    private const int Restart = 2;
    private const int Hidden = 3;
    private readonly IReadOnlyList<TextPart> _parts;
    private readonly TextBatchOptions _options;
    private readonly string _data;
    private readonly List<Lane> _lanes = [];

    /// <summary>Rows of texts that stay the caller's.</summary>
    public TextBatches(IReadOnlyList<TextPart> parts, TextBatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(options);
        if (parts.Count == 0 || parts.Any(part => part.Share is null != parts[0].Share is null))
        {
            throw new ArgumentException("There is at least one text, and either all have shares or none has.", nameof(parts));
        }

        (_parts, _options) = (parts, options);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(MemoryMarshal.AsBytes(part.Tokens.AsSpan()));
        }

        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{options.Seed} {options.AreLanes} {options.Restarts:R} {options.Mask}")));
        _data = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    /// <inheritdoc/>
    public string State => JsonSerializer.Serialize(
        new TextPosition(_data, [.. _lanes.SelectMany(lane => (long[])[lane.Part, lane.Offset, lane.Lives])]), TextPositionJson.Default.TextPosition);

    /// <inheritdoc/>
    public void Restore(string state)
    {
        TextPosition? position = null;
        try
        {
            position = JsonSerializer.Deserialize(state, TextPositionJson.Default.TextPosition);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The position of the batches can't be read: {error.Message}", nameof(state), error);
        }

        if (position is null || position.Lanes.IsDefault || position.Lanes.Length % 3 != 0 || !string.Equals(position.Data, _data, StringComparison.Ordinal))
        {
            throw new ArgumentException("The position of the batches belongs to other texts, another seed or other options: one of them has changed since.", nameof(state));
        }

        _lanes.Clear();
        for (var i = 0; i < position.Lanes.Length; i += 3)
        {
            var (part, offset, lives) = (position.Lanes[i], position.Lanes[i + 1], position.Lanes[i + 2]);
            if (part < 0 || part >= _parts.Count || offset < 0 || offset > _parts[(int)part].Tokens.Length || lives < 0)
            {
                throw new ArgumentException("The position of the batches holds numbers that can't be.", nameof(state));
            }

            _lanes.Add(new Lane((int)part, (int)offset, lives));
        }
    }

    /// <inheritdoc/>
    public TextBatch Next(in BatchRequest request)
    {
        var batch = new TextBatch(request.First, request.Rows, request.Length);
        for (var i = 0; i < request.Rows; i++)
        {
            var row = request.First + i;
            var (part, start) = _options.AreLanes ? NextOfLane(row, request, out batch.Begins[i]) : RandomPlace(RandomStream.Of(_options.Seed, Window, request.Step, row), request);
            batch.Begins[i] |= !_options.AreLanes;
            var tokens = batch.Tokens.AsSpan(i * request.Length, request.Length);
            var targets = batch.Targets.AsSpan(i * request.Length, request.Length);
            var text = _parts[part].Tokens.AsSpan();
            text.Slice(start, request.Length).CopyTo(tokens);
            if (_options.Mask is { } mask)
            {
                mask.Hide(tokens, targets, RandomStream.Of(_options.Seed, Hidden, request.Step, row));
            }
            else
            {
                text.Slice(start + 1, request.Length).CopyTo(targets);
            }
        }

        return batch;
    }

    private (int Part, int Start) NextOfLane(int row, in BatchRequest request, out bool begins)
    {
        while (_lanes.Count <= row)
        {
            _lanes.Add(new Lane(0, int.MaxValue, 0));
        }

        var lane = _lanes[row];
        begins = (long)lane.Offset + request.Length + 1 > _parts[lane.Part].Tokens.Length
            || (_options.Restarts > 0 && RandomStream.Of(_options.Seed, Restart, request.Step, row).NextDouble() < _options.Restarts);
        if (begins)
        {
            var (part, start) = RandomPlace(RandomStream.Of(_options.Seed, Window, -1 - row, lane.Lives), request);
            lane = new Lane(part, start, lane.Lives + 1);
        }

        _lanes[row] = lane with { Offset = lane.Offset + request.Length };
        return (lane.Part, lane.Offset);
    }

    private (int Part, int Start) RandomPlace(RandomStream stream, in BatchRequest request)
    {
        var (length, progress) = (request.Length, request.Progress);
        var total = _parts.Sum(part => Weight(part, length, progress));
        if (!(total > 0))
        {
            throw new InvalidOperationException($"No text of the mix has {length + 1:N0} tokens and a share: take shorter rows or more text.");
        }

        var left = stream.NextDouble() * total;
        var chosen = -1;
        for (var i = 0; i < _parts.Count && (chosen < 0 || left >= 0); i++)
        {
            var weight = Weight(_parts[i], length, progress);
            chosen = weight > 0 ? i : chosen;
            left -= weight;
        }

        return (chosen, stream.NextInt32(_parts[chosen].Tokens.Length - length));
    }

    private static double Weight(TextPart part, int length, double progress) =>
        part.Tokens.Length <= length ? 0 : part.Share is { } share ? Math.Max(0, share.At(progress)) : part.Tokens.Length;

    private readonly record struct Lane(int Part, int Offset, long Lives);
}

internal sealed record TextPosition(string Data, ImmutableArray<long> Lanes);

[JsonSerializable(typeof(TextPosition))]
internal sealed partial class TextPositionJson : JsonSerializerContext;
