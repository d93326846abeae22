// What a program says to have Umwelt among its services. Nothing is loaded until somebody asks for a world.
using Microsoft.Extensions.DependencyInjection.Extensions;
using Umwelt.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Umwelt to a program's services.</summary>
public static class UmweltServices
{
    /// <summary>Adds a <see cref="WorldFactory"/>, one for the whole program. To say it twice changes nothing but the options.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Says where models are, beside those that lie with the program.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddUmwelt(this IServiceCollection services, Action<UmweltOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<UmweltOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(
                static options => options.Models.All(static model => model.Key.Length > 0 && !string.IsNullOrEmpty(model.Value)),
                "Umwelt: each of the models needs a name and a folder.");
        services.TryAddSingleton<WorldFactory>();
        return services;
    }
}
