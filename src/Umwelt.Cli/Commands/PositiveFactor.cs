// The option by which benchmarks and experiments do more or less than usual; zero, NaN and the absurd are refused.
using System.CommandLine;
using System.Globalization;

namespace Umwelt.Cli.Commands;

internal static class PositiveFactor
{
    public static Option<double> Option(string description)
    {
        var option = new Option<double>("--repeats") { Description = description, HelpName = "FACTOR", DefaultValueFactory = _ => 1.0 };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && !(double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor is > 0 and <= 1000))
            {
                result.AddError("--repeats takes a number above 0 and at most 1000");
            }
        });
        return option;
    }
}
