// Tokens become text one after another, as a model says them. A character whose bytes are spread over several tokens is held back
// until it is whole, so what comes out laid end to end is what decoding all tokens at once gives.
using System.Buffers;
using System.Text;

using Umwelt.Networks.Text.Internal;

namespace Umwelt.Networks.Text;

/// <summary>Decodes a stream of tokens; never gives half a character.</summary>
public sealed class TokenDecoder
{
    private readonly TokenBytes _tokens;
    private readonly bool _skipsSpecial;
    private readonly System.Text.Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _bytes = new(64);
    private DecodingState _state;
    private char[] _characters = new char[64];

    internal TokenDecoder(TokenBytes tokens, Decoding decoding, bool skipsSpecial)
    {
        _tokens = tokens;
        _skipsSpecial = skipsSpecial;
        _state = new DecodingState(decoding);
    }

    /// <summary>The characters that this token completes; empty where it only begins one.</summary>
    public string Add(int token)
    {
        _bytes.ResetWrittenCount();
        var bytes = _tokens[token];
        if (!_skipsSpecial || !_tokens.IsSpecial(token))
        {
            _state.Append(bytes, _bytes);
        }

        return Take(flush: false);
    }

    /// <summary>What is left when no token follows: U+FFFD where a character stayed incomplete, otherwise nothing.</summary>
    public string End()
    {
        _bytes.ResetWrittenCount();
        return Take(flush: true);
    }

    private string Take(bool flush)
    {
        var most = Encoding.UTF8.GetMaxCharCount(_bytes.WrittenCount);
        if (_characters.Length < most)
        {
            _characters = new char[most];
        }

        return new string(_characters, 0, _decoder.GetChars(_bytes.WrittenSpan, _characters, flush));
    }
}
