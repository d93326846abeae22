// Umwelt among a program's services, without a web server: whoever needs a world or a dream asks the factory for it by name.
// dotnet run --project samples/injection [MODEL] – without a model of its own it dreams of the house, or lives in the real one.
using Microsoft.Extensions.DependencyInjection;
using Umwelt.Hosting;
using Umwelt.Samples.Injection;

using var services = new ServiceCollection()
    .AddUmwelt(options =>
    {
        if (args is [var folder])
        {
            options.Models["mine"] = folder;
        }
    })
    .AddSingleton<Wanderer>()
    .BuildServiceProvider();

var models = services.GetRequiredService<WorldFactory>().Models;
var place = models.Contains("mine") ? "dream:mine" : models.Contains("house") ? "dream:house" : "house";
services.GetRequiredService<Wanderer>().Walk(place, moments: 40);
