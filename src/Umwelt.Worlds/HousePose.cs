// Where somebody stands in a house and looks.
namespace Umwelt.Worlds;

/// <summary>A place and a direction in a house.</summary>
/// <param name="X">Metres to the east of the house's north-west corner.</param>
/// <param name="Y">Metres to the south of it.</param>
/// <param name="Heading">Radians: 0 looks east, a quarter turn more looks south; turning right adds to it.</param>
public readonly record struct HousePose(double X, double Y, double Heading);
