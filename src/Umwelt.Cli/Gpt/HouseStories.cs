// A text without end for the demonstration: small stories of animals in a house, told from a seed by a grammar that keeps
// its facts straight (a door that was opened stays open, a lamp is where it was left). A model that reads them can be
// seen to learn letters, then words, then sentences, then facts.
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Cli.Gpt;

internal static class HouseStories
{
    private static readonly string[] Animals = ["cat", "fox", "owl", "mouse", "crow", "hare", "toad", "goose"];
    private static readonly string[] Colours = ["red", "blue", "green", "yellow", "white", "grey"];
    private static readonly string[] Rooms = ["room", "hall", "kitchen", "cellar", "attic", "study"];
    private static readonly string[] Things = ["lamp", "bell", "ball", "clock", "chair", "box"];
    private static readonly string[] Moods = ["still", "warm", "dark", "bright", "cold", "quiet"];
    private static readonly string[] Walks = ["walks", "runs", "creeps", "hops"];

    /// <summary>At least this many characters of stories, the same for the same seed.</summary>
    public static string Tell(ulong seed, int characters)
    {
        var stream = new RandomStream(seed, 0);
        var text = new StringBuilder(characters + 1000);
        while (text.Length < characters)
        {
            Story(text, ref stream);
        }

        return text.ToString();
    }

    private static void Story(StringBuilder text, ref RandomStream stream)
    {
        var animal = Pick(Animals, ref stream);
        var (here, there) = PickTwo(Colours, ref stream);
        var (place, beyond) = PickTwo(Rooms, ref stream);
        var (thing, other) = PickTwo(Things, ref stream);
        var mood = Pick(Moods, ref stream);
        var walks = Pick(Walks, ref stream);
        text.Append($"The {animal} is in the {here} {place}. It is {mood} there. ");
        text.Append(stream.NextInt32(2) == 0
            ? $"The {animal} hears a {thing} behind the {there} door. "
            : $"A {thing} stands beside the {there} door. ");
        var isOpened = stream.NextInt32(3) > 0;
        text.Append(isOpened
            ? $"The {animal} opens the {there} door and {walks} into the {beyond}. "
            : $"The {animal} does not open the {there} door. ");
        var (where, colour) = isOpened ? (beyond, there) : (place, here);
        switch (stream.NextInt32(3))
        {
            case 0:
                text.Append($"In the {where} it finds a {other}. The {other} is {colour}. ");
                break;
            case 1:
                text.Append($"It looks at the {other} in the {where} for a while. ");
                break;
            default:
                text.Append($"It turns around twice, and then it {walks} back. ");
                break;
        }

        text.Append(isOpened ? $"The {there} door is still open. " : $"The {there} door is still closed. ");
        text.Append($"So the {animal} goes to sleep.\n\n");
    }

    private static string Pick(string[] words, ref RandomStream stream) => words[stream.NextInt32(words.Length)];

    private static (string First, string Second) PickTwo(string[] words, ref RandomStream stream)
    {
        var first = stream.NextInt32(words.Length);
        var second = (first + 1 + stream.NextInt32(words.Length - 1)) % words.Length;
        return (words[first], words[second]);
    }
}
