// The house on stage: its rows can be kept and brought back bit for bit, and its truth is shown on a minimap.
using System.Buffers;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Sessions;

internal sealed class HouseStage : Stage
{
    private readonly HouseWorld _house;
    private readonly HouseTruth[] _truths;

    public HouseStage(HouseWorld house)
        : base(house)
    {
        _house = house;
        _truths = [.. Enumerable.Range(0, house.Count).Select(_ => new HouseTruth())];
    }

    public override bool CanKeep => true;

    public override object Keep(int row) => _house.Truth(row);

    public override void Return(int row, object state, MomentBatch moments)
    {
        // The row needs an episode under way; which one does not matter, since all of its state is replaced.
        _house.Reset(row, 0, moments);
        _house.Restore(row, (HouseTruth)state);
    }

    public override HouseMap Map(int row) => Read(row).Map;

    public override void WriteTruth(int row, IBufferWriter<byte> output)
    {
        var truth = Read(row);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartObject("pose"u8);
        json.WriteNumber("x"u8, Rounded(truth.Pose.X));
        json.WriteNumber("y"u8, Rounded(truth.Pose.Y));
        json.WriteNumber("heading"u8, Rounded(truth.Pose.Heading));
        json.WriteEndObject();
        json.WriteStartArray("doors"u8);
        for (var door = 0; door < truth.Map.Doors.Length; door++)
        {
            json.WriteNumberValue(Rounded(truth.DoorOpening(door)));
        }

        json.WriteEndArray();
        json.WriteStartObject("ball"u8);
        json.WriteNumber("x"u8, Rounded(truth.Ball.X));
        json.WriteNumber("y"u8, Rounded(truth.Ball.Y));
        json.WriteEndObject();
        json.WriteNumber("lamp"u8, truth.HummingLamp);
        json.WriteNumber("room"u8, truth.Room);
        json.WriteEndObject();
    }

    // A minimap needs no more than a tenth of a millimetre.
    private static double Rounded(double value) => Math.Round(value, 4);

    private HouseTruth Read(int row)
    {
        _house.Read(row, _truths[row]);
        return _truths[row];
    }
}
