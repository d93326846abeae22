// The house by name: `house` is the fixed plan, `house:random` another plan for each seed, `?size=` the side of its picture.
using Umwelt.Moments;

namespace Umwelt.Worlds.Catalogue;

internal static class HouseName
{
    public static World Open(WorldName name, WorldOptions options)
    {
        var isRandom = name.Argument switch
        {
            null => false,
            "random" => true,
            _ => throw name.Wrong($"there are 'house' and 'house:random', no 'house:{name.Argument}'"),
        };
        var usual = new HouseOptions();
        var size = name.Integer("size", usual.Size, HouseOptions.SmallestSize, HouseOptions.LargestSize);
        name.Finish();
        return new HouseWorld(options.Count, usual with { Size = size, IsRandom = isRandom });
    }
}
