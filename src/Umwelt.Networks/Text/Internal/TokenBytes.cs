// The bytes that each token becomes when decoded, in one array by id, and which tokens are special. Ids that the vocabulary leaves
// out become nothing.
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal sealed class TokenBytes
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly bool[] _isSpecial;

    public TokenBytes(TokenizerDefinition definition)
    {
        var size = definition.VocabularySize;
        var indices = new int[size];
        indices.AsSpan().Fill(-1);
        for (var i = 0; i < definition.Ids.Length; i++)
        {
            indices[definition.Ids[i]] = i;
        }

        // Added tokens are text as they are spelt: GPT-2's alphabet is for the vocabulary alone.
        _isSpecial = new bool[size];
        var added = new Dictionary<int, byte[]>();
        foreach (var token in definition.Added)
        {
            added[token.Id] = Encoding.UTF8.GetBytes(token.Content);
            _isSpecial[token.Id] = token.IsSpecial;
        }

        var (bytes, replaced) = (new GrowingBytes(), new GrowingBytes());
        _starts = new int[size + 1];
        for (var id = 0; id < size; id++)
        {
            if (added.TryGetValue(id, out var content))
            {
                Append(content, definition.IsByteLevel ? new Decoding() : definition.Decoding.Meaning, replaced, bytes);
            }
            else if (indices[id] >= 0)
            {
                var spelling = definition.Spellings[indices[id]];
                if (definition.IsByteLevel && ByteLevelAlphabet.TryBytes(spelling, bytes.Reserve(spelling.Length), out var count))
                {
                    bytes.Advance(count);
                }
                else
                {
                    Append(spelling, definition.IsByteLevel ? new Decoding() : definition.Decoding.Meaning, replaced, bytes);
                }
            }

            _starts[id + 1] = bytes.Count;
        }

        _bytes = bytes.Written.ToArray();
    }

    public int Count => _isSpecial.Length;

    public ReadOnlySpan<byte> this[int token] => (uint)token < (uint)Count
        ? _bytes.AsSpan(_starts[token].._starts[token + 1])
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"is no token; they are numbered from 0 to {Count - 1}");

    public bool IsSpecial(int token) => (uint)token < (uint)Count && _isSpecial[token];

    private static void Append(ReadOnlySpan<byte> spelling, Decoding decoding, GrowingBytes scratch, GrowingBytes destination)
    {
        if (decoding.ReadsBytes && TryByte(spelling, out var value))
        {
            destination.Add([value]);
            return;
        }

        foreach (var (from, to) in decoding.Replacements)
        {
            scratch.Clear();
            scratch.AddReplaced(spelling, from, to);
            spelling = scratch.Written.ToArray();
        }

        destination.Add(spelling);
    }

    private static bool TryByte(ReadOnlySpan<byte> spelling, out byte value)
    {
        value = 0;
        return spelling.Length == 6 && spelling.StartsWith("<0x"u8) && spelling[5] == '>'
            && Convert.FromHexString(spelling[3..5], new Span<byte>(ref value), out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
