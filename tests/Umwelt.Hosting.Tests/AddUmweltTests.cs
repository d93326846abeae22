// What a program gets that says services.AddUmwelt(): one factory, worlds and dreams by name, errors that say which names there are.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Umwelt.Models;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Hosting.Tests;

public sealed class AddUmweltTests : IDisposable
{
    private readonly ModelFolder _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public void TheWholeProgramSharesOneFactoryHoweverOftenItIsAdded()
    {
        using var provider = new ServiceCollection()
            .AddUmwelt(options => options.Models["first"] = _models.Add("a", 1))
            .AddUmwelt(options => options.Models["second"] = _models.Add("b", 2))
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        using var scope = provider.CreateScope();
        var factory = Assert.Single(provider.GetServices<WorldFactory>());
        Assert.Same(factory, scope.ServiceProvider.GetRequiredService<WorldFactory>());
        Assert.Equal(["first", "second"], factory.Models.Except([House.ShippedModel.Name]));
    }

    [Fact]
    public void ADreamByNameIsTheDreamOfThatModel()
    {
        var path = _models.Add("small", 3);
        _models.Add("other", 4);
        using var byName = Factory(options => options.ModelsFolder = _models.FullName).Open("dream:small");
        using var byPath = Dream.Open(path);
        Assert.Equal(ModelFolder.Seen(byPath), ModelFolder.Seen(byName));
    }

    [Fact]
    public void AConfiguredModelGoesBeforeOneThatLiesThere()
    {
        _models.Add("small", 3);
        var meant = _models.Add("other", 4);
        using var byName = Factory(options =>
        {
            options.ModelsFolder = _models.FullName;
            options.Models["small"] = meant;
        }).OpenDream("small", seed: 9);
        using var byPath = Dream.Open(meant, seed: 9);
        Assert.Equal(ModelFolder.Seen(byPath), ModelFolder.Seen(byName));
    }

    [Fact]
    public void AModelThatArrivesWhileTheProgramRunsIsThere()
    {
        var factory = Factory(options => options.ModelsFolder = _models.FullName);
        Assert.Empty(factory.Models);
        _models.Add("late", 1);
        Directory.CreateDirectory(Path.Combine(_models.FullName, "no model"));
        Assert.Equal(["late"], factory.Models);
        factory.OpenDream("late", rows: 2).Dispose();
    }

    [Theory]
    [InlineData("smal")]
    [InlineData("../elsewhere")]
    [InlineData("no model")]
    public void WhatIsNoModelIsSaidWithTheNamesThereAre(string name)
    {
        _models.Add("small", 3);
        Directory.CreateDirectory(Path.Combine(_models.FullName, "no model"));
        var factory = Factory(options => options.ModelsFolder = _models.FullName);
        var message = Assert.Throws<ArgumentException>(() => factory.Open("dream:" + name)).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("there are small.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WorldsOfTheCatalogueOpenByTheirNames()
    {
        var factory = Factory(_ => { });
        using var world = factory.Open("balls:1", rows: 3);
        Assert.Equal(3, world.Count);
        Assert.Contains("balls", Assert.Throws<ArgumentException>(() => factory.Open("bals")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AConfiguredModelThatIsMissingNamesItsFile()
    {
        var missing = Path.Combine(_models.FullName, "missing");
        var factory = Factory(options => options.Models["gone"] = missing);
        Assert.StartsWith(missing, Assert.Throws<InvalidFileException>(() => factory.OpenDream("gone")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelWithoutAFolderIsRefusedAtOnce()
    {
        using var provider = new ServiceCollection().AddUmwelt(options => options.Models["house"] = "").BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(provider.GetRequiredService<WorldFactory>);
    }

    private static WorldFactory Factory(Action<UmweltOptions> configure)
    {
        using var provider = new ServiceCollection().AddUmwelt(configure).BuildServiceProvider();
        return provider.GetRequiredService<WorldFactory>();
    }
}
