// What the demonstration brings along beside the house and its dream: moments of real walks to begin at, and a small model that
// can be taught before one's eyes. Both are made where they are needed and kept in a folder of the demonstration's own.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Server;
using Umwelt.Worlds;

namespace Umwelt.Cli.Serve;

internal static class DemoHome
{
    private const string World = "house";
    private const string Recipe = "newcomer.json";
    private const string Newcomer = "newcomer";
    private const string Beginnings = "beginnings";
    private const string RecordingFile = "recording.json";
    private const int Walks = 12;
    private const int WalkLength = 150;
    private const long Seed = 11;

    /// <summary>A recording of short walks in the house, from its present version; null where the disk does not take it.</summary>
    public static string? BeginningsIn(string home)
    {
        var folder = Path.Combine(home, Beginnings);
        try
        {
            if (!IsOfThisHouse(folder))
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }

                Record(folder);
            }

            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // One begins elsewhere.
        }
    }

    /// <summary>The newcomer's dream and training; null where its recipe did not come with the program.</summary>
    public static (DreamSource Dream, TrainingSource Training)? NewcomerIn(string home)
    {
        var recipe = Path.Combine(AppContext.BaseDirectory, "runs", Recipe);
        if (!File.Exists(recipe))
        {
            return null;
        }

        var folder = Path.GetFullPath(home);
        var data = JsonEncodedText.Encode(Path.Combine(folder, Newcomer + "-data"));
        return ServedTraining.Of(recipe, World, $"out={Path.Combine(folder, Newcomer)}", $"data.recordings=[\"{data}\"]");
    }

    // Whether it holds what this version of the house would make of the same commands.
    private static bool IsOfThisHouse(string folder)
    {
        if (!File.Exists(Path.Combine(folder, RecordingFile)))
        {
            return false;
        }

        try
        {
            using var recording = Recording.Open(folder);
            using var house = new HouseWorld();
            if (!recording.Schema.Equals(house.Schema) || recording.Episodes.Count < Walks || recording.MomentCount < Walks * WalkLength)
            {
                return false;
            }

            var walk = recording.Episodes[0];
            var (moments, now, commands) = (new MomentBatch(house.Schema, WalkLength), new MomentBatch(house.Schema, 1), new MomentBatch(house.Schema.Motor, 1));
            recording.Read(walk.Start, WalkLength, moments);
            house.Reset(0, walk.Seed, now);
            for (var t = 1; t < WalkLength; t++)
            {
                for (var m = 0; m < house.Schema.Motors.Length; m++)
                {
                    commands.Copy(moments, house.Schema.Motors[m], t, m, 0);
                }

                house.Step(commands, now);
            }

            return Enumerable.Range(0, house.Schema.Channels.Length)
                .Where(c => house.Schema.Channels[c] is not TextChannel)
                .All(c => now.Bytes(c, 0).SequenceEqual(moments.Bytes(c, WalkLength - 1)));
        }
        catch (Exception error) when (error is Storage.InvalidFileException or ArgumentException)
        {
            return false;
        }
    }

    private static void Record(string folder)
    {
        using var house = new HouseWorld(Walks);
        var explorer = house.Occupants[0];
        using var writer = RecordingWriter.Create(folder, house.Schema, new Provenance { Origin = World, Occupant = explorer, Seed = Seed });
        new Recorder(house, house.CreateOccupant(explorer), writer, new RecorderOptions { Seed = Seed, Moments = Walks * WalkLength, LongestEpisode = WalkLength }).Run();
    }
}
