// A file as a list of named chunks, damaged as such: exchanged, repeated, dropped, emptied, with bodies struck.
// The frame around them is written anew, so that lengths and checksums are mostly right and the reader looks inside.
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal readonly record struct NamedChunk(string Name, byte[] Body)
{
    public static void Strike(List<NamedChunk> chunks, ref RandomStream random)
    {
        if (chunks.Count == 0)
        {
            return;
        }

        var at = random.NextInt32(chunks.Count);
        var other = random.NextInt32(chunks.Count);
        switch (random.NextInt32(10))
        {
            case 0:
                (chunks[at], chunks[other]) = (chunks[other], chunks[at]);
                break;
            case 1:
                chunks.Insert(other, chunks[at]);
                break;
            case 2:
                chunks.RemoveAt(at);
                break;
            case 3:
                chunks[at] = chunks[at] with { Body = [] };
                break;
            case 4:
                chunks[at] = chunks[at] with { Body = chunks[other].Body };
                break;
            case 5:
                chunks[at] = chunks[at] with { Name = chunks[other].Name };
                break;
            default:
                var body = new List<byte>(chunks[at].Body);
                Damage.Strike(body, ref random);
                chunks[at] = chunks[at] with { Body = body.ToArray() };
                break;
        }
    }
}
