// The model that ships lies beside the program and dreams of the house; a program without it says so.
using Umwelt.House;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Hosting.Tests;

public sealed class ShippedModelTests
{
    [Fact]
    public void TheShippedModelDreamsOfTheHouseOrIsSaidToBeMissing()
    {
        if (ShippedModel.Folder is null)
        {
            var error = Assert.Throws<DirectoryNotFoundException>(() => ShippedModel.Dream());
            Assert.StartsWith(Path.Combine(AppContext.BaseDirectory, "models", "house"), error.Message, StringComparison.Ordinal);
            return;
        }

        using var dream = ShippedModel.Dream();
        using var house = new HouseWorld();
        Assert.Equal(house.Schema, dream.Schema);
    }

    [Fact]
    public void AModelBesideAProgramIsFoundAndAnEmptyFolderIsNone()
    {
        using var program = new ModelFolder();
        Assert.Null(ShippedModel.FolderIn(program.FullName));
        Directory.CreateDirectory(Path.Combine(program.FullName, "models", "house"));
        Assert.Null(ShippedModel.FolderIn(program.FullName));
        var path = program.Add(Path.Combine("models", "house"), 1);
        Assert.Equal(path, ShippedModel.FolderIn(program.FullName));
    }
}
