// Things that stand in rooms and keep their place. Walking around them is as walking around a round post.
namespace Umwelt.Worlds.House.Plan;

internal enum ThingKind : byte
{
    Lamp,
    Bell,
    Radio,
    Plant,
    Table,
    Chair,
    Vase,
}

/// <summary>A thing at a place in metres.</summary>
internal readonly record struct Thing(ThingKind Kind, float X, float Y)
{
    /// <summary>How near a body's own edge may come to its middle.</summary>
    public float Radius => Kind switch
    {
        ThingKind.Table => 0.34f,
        ThingKind.Lamp or ThingKind.Vase => 0.16f,
        _ => 0.24f,
    };
}
