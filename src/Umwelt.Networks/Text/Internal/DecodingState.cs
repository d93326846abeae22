// What decoding remembers from token to token: spaces that a tokenizer puts before a text are taken away again where it begins.
using System.Buffers;

namespace Umwelt.Networks.Text.Internal;

internal struct DecodingState(Decoding decoding)
{
    private int _spacesToDrop = decoding.DroppedSpaces;
    private bool _isFirst = decoding.FirstTokenLosesSpaces;

    /// <summary>Writes the bytes of the next token.</summary>
    public void Append(ReadOnlySpan<byte> token, IBufferWriter<byte> destination)
    {
        if (_isFirst)
        {
            _isFirst = false;
            foreach (var b in token)
            {
                if (b != ' ')
                {
                    destination.Write([b]);
                }
            }

            return;
        }

        while (_spacesToDrop > 0 && !token.IsEmpty)
        {
            if (token[0] != ' ')
            {
                _spacesToDrop = 0;
                break;
            }

            token = token[1..];
            _spacesToDrop--;
        }

        destination.Write(token);
    }
}
