// Dreams of the house that ships with Umwelt (or of the model in the folder that is named), acts in it as the model itself would,
// and keeps a picture now and then: dotnet run --project samples/dream [MODEL]
using Umwelt.House;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;

using var dream = args is [var folder] ? Dream.Open(folder) : ShippedModel.Dream();
var dreamer = dream.CreateOccupant("dreamer");
var moments = new MomentBatch(dream.Schema, count: 1);
var commands = new MomentBatch(dream.Schema.Motor, count: 1);
var sight = (ImageChannel)dream.Schema["sight"];

dream.Reset(row: 0, seed: 7, moments);
for (var t = 0; t < 60 && moments.Endings[0] == Ending.None; t++)
{
    dreamer.Act(moments, commands, [true]);
    dream.Step(commands, moments);
    if (t % 10 == 9)
    {
        var layout = sight.Colours == 1 ? PngLayout.Grey : PngLayout.Rgb;
        Png.Write($"dream-{t + 1}.png", moments.Image(dream.Schema.IndexOf("sight"), 0), sight.Width, sight.Height, layout);
    }
}
