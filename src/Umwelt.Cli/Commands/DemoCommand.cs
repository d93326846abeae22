// `umwelt demo`: step inside the house that ships, dreamed, in a browser, without a word of set-up, and watch a model learn it from
// nothing. Where no model came with the program the real house is there instead; where no browser is, the page's address.
using System.CommandLine;
using Umwelt.Cli.Serve;
using Umwelt.House;
using Umwelt.Server;

namespace Umwelt.Cli.Commands;

internal static class DemoCommand
{
    private const string RealHouse = "house";
    private const string DreamedHouse = "dream:house";

    // One begins awake and sees what the model expects of the next moment; then one lets go.
    private const string AwakeBesideTheTruth = "?world=dream:house&from=truth";

    public static Command Create()
    {
        var options = new ServeOptions();
        var data = new Option<string?>("--data") { Description = "Where what one records and learns on the page is kept; a folder of one's own unless said.", HelpName = "FOLDER" };
        var closed = new Option<bool>("--no-open") { Description = "Print the page's address without opening a browser." };
        var command = new ExampleCommand(
            "demo",
            "Step inside a dreamed house, in a browser, beside the real one.",
            ("umwelt demo", "opens the page; walk with WASD or the arrows, look with the mouse"),
            ("umwelt demo --no-open --port 8080", "only says where the page is"))
        {
            options.Port, closed, data,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var model = ShippedModel.Folder;
            if (model is null)
            {
                Console.WriteLine("No model of the house came with this build, so this is the real one; runs/house.sh in the repository makes a model.");
            }

            await RunningServer.RunAsync(
                Server(model, parsed.GetValue(data) ?? PlayCommand.DataOfUser) with { Port = parsed.GetValue(options.Port) },
                query: model is null ? "" : AwakeBesideTheTruth,
                takesAnotherPort: parsed.GetResult(options.Port) is not { Implicit: false },
                opens: !parsed.GetValue(closed),
                parsed.GetValue(CommandLine.Json),
                cancellation).ConfigureAwait(false);
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>A server of the dreamed house, where there is one, the real one, and the dream of a model that can be taught.</summary>
    /// <param name="model">The dreamed house's; null for none.</param>
    /// <param name="data">Where everything is kept.</param>
    internal static ServerOptions Server(string? model, string data)
    {
        var newcomer = DemoHome.NewcomerIn(data);
        var dreams = new List<DreamSource>();
        if (model is not null)
        {
            dreams.Add(new DreamSource(DreamedHouse, model) { Truth = RealHouse, History = DemoHome.BeginningsIn(data) });
        }

        var worlds = dreams.Select(dream => dream.Name).Append(RealHouse).ToList();
        if (newcomer is var (dream, _))
        {
            dreams.Add(dream);
            worlds.Add(dream.Name);
        }

        return new ServerOptions { Worlds = [.. worlds], Dreams = [.. dreams], Training = newcomer?.Training, DataFolder = data };
    }
}
