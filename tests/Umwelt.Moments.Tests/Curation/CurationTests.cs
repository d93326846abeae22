// Each step finds what was planted for it and nothing else, and the manifest accounts for every moment.
using System.Text.Json;
using Umwelt.Moments.Curation;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Curation;

public sealed class CurationTests : IDisposable
{
    private const int Length = 60;
    private static readonly Schema Senses = new(
        10,
        new ImageChannel("sight", 8, 8, 1),
        new SoundChannel("hearing", 50),
        new VectorChannel("pose", 2),
        new TextChannel("speech"),
        new VectorChannel("reward", 1, ChannelRole.Reward));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("""{ "steps": [ { "kind": "length" }, { "kind": "lenght" } ] }""", "step 2: no kind 'lenght'; there are duplicate-text, ")]
    [InlineData("""{ "steps": [ { "least": 3 } ] }""", "step 1: it has no kind; there are ")]
    [InlineData("""{ "steps": [ { "kind": "static", "channel": "sight", "secs": 1 } ] }""", "step 1: 'static' has no key 'secs'; it has ")]
    [InlineData("{}", "it is no plan; a plan looks like")]
    [InlineData("[]", "it is no plan; a plan looks like")]
    [InlineData("{\n\"steps\": [", "its JSON is broken on line 2")]
    public void What_is_wrong_with_a_plan_is_said_by_the_step(string json, string problem)
    {
        var path = Path.Combine(_folder.FullName, "plan.json");
        File.WriteAllText(path, json);
        Assert.StartsWith($"{path}: {problem}", Assert.Throws<InvalidFileException>(() => CurationPlan.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_similarity_of_sets_is_estimated_within_its_error(double similarity)
    {
        var (one, other) = (new MinHash(), new MinHash());
        const int All = 4000;
        var common = (int)(All * similarity);
        for (var i = 0; i < All; i++)
        {
            var hash = MinHash.Mix((ulong)i);
            if (i < common || i % 2 == 0)
            {
                one.Add(hash);
            }

            if (i < common || i % 2 == 1)
            {
                other.Add(hash);
            }
        }

        Assert.InRange(MinHash.Similarity(one.Signature(), other.Signature()), similarity - 0.15, similarity + 0.15);
    }

    [Fact]
    public void Text_that_nearly_repeats_an_earlier_one_is_found_and_other_text_stays()
    {
        var recording = Record(4, (episode, k, moment) =>
        {
            // Episode 2 is episode 0 with other case and one other word in forty; 1 and 3 share words but no runs of them.
            var word = episode is 0 or 2 ? (k * 7919) % 997 : (k * 7919 * (episode + 3)) % 991;
            var text = episode == 2 && k % 40 == 20 ? "changed" : $"word{word}";
            moment.Batch.SetText(3, moment.Row, episode == 2 ? text.ToUpperInvariant() + ", " : text + " ");
        });
        AssertKept(recording, new DuplicateTextStep("speech", 0.6, 3), [60, 60, 0, 60]);
    }

    [Fact]
    public void An_episode_that_repeats_an_earlier_one_with_a_little_noise_is_found()
    {
        var recording = Record(3, (episode, k, moment) =>
        {
            // Four blobs of light that wander, and noise of two grey levels in the copy.
            var random = RandomStream.Of(episode == 2 ? 0 : episode, 1);
            var noise = RandomStream.Of(episode, k, 2);
            Span<double> phases = [random.NextDouble() * 6, random.NextDouble() * 6, random.NextDouble() * 6, random.NextDouble() * 6];
            for (var pixel = 0; pixel < 64; pixel++)
            {
                var light = Math.Sin(phases[((pixel / 8 / 4) * 2) + (pixel % 8 / 4)] + (k * 0.1 * (1 + episode % 2)));
                moment.Image("sight")[pixel] = (byte)(128 + (light * 110) + (episode == 2 ? noise.NextInt32(5) - 2 : 0));
            }
        });
        AssertKept(recording, new DuplicateEpisodesStep(), [60, 60, 0]);
    }

    [Fact]
    public void Stretches_in_which_nothing_moves_are_cut_out_where_they_last_long_enough()
    {
        var recording = Record(2, (episode, k, moment) =>
        {
            // Episode 0 rests from moment 20 to 40, episode 1 for a second only.
            var still = episode == 0 ? k is >= 20 and < 40 : k is >= 20 and < 30;
            moment.Image("sight").Fill((byte)(still ? 100 : 60 + (k * 3)));
            moment.Vector("pose").Fill(still ? 1 : k);
        });
        var kept = AssertKept(recording, new StaticStep("sight", Seconds: 1.5), [41, 60]);
        Assert.Equal([new Stretch(0, 21), new Stretch(40, 60)], kept[0]);
        AssertKept(recording, new StaticStep("pose", Seconds: 1.5, Change: 0.01), [41, 60]);
    }

    [Fact]
    public void Overdriven_sound_and_blind_pictures_are_cut_out()
    {
        var recording = Record(1, (_, k, moment) =>
        {
            moment.Sound("hearing").Fill((short)(k is >= 10 and < 20 ? short.MinValue : 1000));
            moment.Image("sight").Fill((byte)(k >= 50 ? 255 : 100));
        });
        AssertKept(recording, new ClippedStep("hearing"), [50]);
        AssertKept(recording, new ClippedStep("sight"), [50]);
    }

    [Fact]
    public void Lengths_ranges_and_words_are_kept_to()
    {
        var recording = Record(4, (episode, k, moment) =>
        {
            moment.Vector("pose")[1] = episode == 1 && k == 30 ? float.NaN : episode;
            moment.Vector("reward")[0] = episode;
            moment.Batch.SetText(3, moment.Row, k == 5 && episode > 1 ? $"The Bell rings {episode}" : "");
        });
        AssertKept(recording, new RangeStep("pose"), [60, 0, 60, 60]);
        AssertKept(recording, new RangeStep("pose", 1, Most: 2), [60, 0, 60, 0]);
        AssertKept(recording, new RangeStep("reward", Least: 100, Of: Aggregate.Sum), [0, 0, 60, 60]);
        AssertKept(recording, new RangeStep("reward", Most: 1.5, Of: Aggregate.Mean), [60, 60, 0, 0]);
        AssertKept(recording, new TextStep("speech") { Any = ["the bell"] }, [0, 0, 60, 60]);
        AssertKept(recording, new TextStep("speech") { None = ["RINGS 3"] }, [60, 60, 60, 0]);
        AssertKept(recording, new LengthStep(61), [0, 0, 0, 0]);
        AssertKept(recording, new LengthStep(1, 59), [0, 0, 0, 0]);
    }

    [Fact]
    public void The_best_share_by_a_weighted_score_stays()
    {
        var recording = Record(4, (episode, k, moment) =>
        {
            moment.Vector("reward")[0] = episode;
            moment.Vector("pose").Fill(k * (4 - episode));
            moment.Batch.SetText(3, moment.Row, episode == 0 ? "again again again again " : $"{k * 7919 % 1009:x} ");
        });
        AssertKept(recording, new QualityStep([new WeightedMeasure(Measure.Sum, "reward")], 0.5), [0, 0, 60, 60]);
        AssertKept(recording, new QualityStep([new WeightedMeasure(Measure.Sum, "reward"), new WeightedMeasure(Measure.Motion, "pose", 3)], 0.5), [60, 60, 0, 0]);
        AssertKept(recording, new QualityStep([new WeightedMeasure(Measure.Variety, "speech")], 0.75), [0, 60, 60, 60]);
    }

    [Fact]
    public void What_is_broken_off_leaves_nothing_and_can_be_done_again()
    {
        using var recording = Recording.Open(Record(2, (_, k, moment) => moment.Vector("pose")[0] = k));
        var curator = Curator.Run(recording, new CurationPlan([new LengthStep(1)]), null, TestContext.Current.CancellationToken);
        var before = Directory.GetFileSystemEntries(_folder.FullName);
        var output = Path.Combine(_folder.FullName, "curated");
        Assert.ThrowsAny<OperationCanceledException>(() => curator.Write(output, null, new CancellationToken(canceled: true)));
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.FullName));
        curator.Write(output, null, TestContext.Current.CancellationToken);
        using var curated = Recording.Open(output);
        Assert.Equal(recording.MomentCount, curated.MomentCount);
        Assert.Throws<IOException>(() => curator.Write(output, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_stays_is_written_as_it_was_and_the_manifest_accounts_for_every_moment()
    {
        using var recording = Recording.Open(Record(3, (episode, k, moment) =>
        {
            moment.Vector("pose")[0] = (episode * 1000) + k;
            moment.Image("sight").Fill((byte)(k is >= 30 and < 50 && episode == 1 ? 9 : 60 + (k * 3)));
        }));
        var path = Path.Combine(_folder.FullName, "plan.json");
        File.WriteAllText(path, """{ "steps": [ { "kind": "static", "channel": "sight", "seconds": 1 }, { "kind": "length", "least": 15 }, { "kind": "range", "channel": "pose", "index": 0, "most": 2030 } ] }""");
        var curator = Curator.Run(recording, CurationPlan.Read(path), null, TestContext.Current.CancellationToken);
        var output = Path.Combine(_folder.FullName, "curated");
        curator.Write(output, null, TestContext.Current.CancellationToken);
        using var curated = Recording.Open(output);
        Assert.Equal(60 + 31, curator.KeptMoments);
        Assert.Equal(curator.KeptMoments, curated.MomentCount);
        var (was, now) = (new MomentBatch(Senses, 1), new MomentBatch(Senses, 1));
        var at = 0L;
        var times = new double[1];
        foreach (var stretch in curator.Episodes.SelectMany(episode => episode.Kept))
        {
            for (var moment = stretch.Start; moment < stretch.Stop; moment++, at++)
            {
                recording.Read(moment, 1, was);
                curated.Read(at, 1, now);
                Assert.Equal(was[0].Vector("pose").ToArray(), now[0].Vector("pose").ToArray());
                curated.ReadTimes(at, times);
                Assert.Equal(moment % Length / 10.0, times[0], 9);
            }
        }

        var manifest = File.ReadAllLines(Path.Combine(output, Curator.ManifestName));
        Assert.Equal(3, manifest.Length);
        foreach (var line in manifest)
        {
            using var json = JsonDocument.Parse(line);
            var moments = json.RootElement.GetProperty("kept").EnumerateArray().Concat(json.RootElement.GetProperty("removals").EnumerateArray().Select(removal => removal.GetProperty("stretch")))
                .Sum(stretch => stretch.GetProperty("stop").GetInt64() - stretch.GetProperty("start").GetInt64());
            Assert.Equal(Length, moments);
        }
    }

    [Theory]
    [InlineData("""{}""", "")]
    [InlineData("""{ "steps": [] }""", "lists no steps")]
    [InlineData("""{ "steps": [ null ] }""", "lists no steps")]
    [InlineData("""{ "steps": [ { "kind": "beautiful" } ] }""", "beautiful")]
    [InlineData("""{ "steps": [ { "kind": "static", "chanel": "sight" } ] }""", "chanel")]
    public void A_plan_that_can_not_be_read_names_its_file(string json, string problem)
    {
        var path = Path.Combine(_folder.FullName, "plan.json");
        File.WriteAllText(path, json);
        var error = Assert.Throws<InvalidFileException>(() => CurationPlan.Read(path));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, CurationStep> Impossible => new()
    {
        { "no such channel", new StaticStep("smell") },
        { "takes pictures or vectors", new StaticStep("hearing") },
        { "takes text", new DuplicateTextStep("sight") },
        { "no number 2", new RangeStep("pose", 2) },
        { "no number lies", new RangeStep("pose", 0, 1, 0) },
        { "has no loudness", new QualityStep([new WeightedMeasure(Measure.Loudness, "sight")]) },
        { "share", new QualityStep([new WeightedMeasure(Measure.Sum, "reward")], 0) },
        { "above 0", new StaticStep("sight", 0) },
        { "no length", new LengthStep(2, 1) },
        { "phrase", new TextStep("speech") },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void A_step_that_does_not_fit_the_recording_is_refused_before_anything_is_read(string problem, CurationStep step)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new CurationPlan([new LengthStep(), step]).Validate(Senses));
        Assert.StartsWith($"step 2 ({step.Kind}): ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<IReadOnlyList<Stretch>> AssertKept(string folder, CurationStep step, long[] moments)
    {
        using var recording = Recording.Open(folder);
        var curator = Curator.Run(recording, new CurationPlan([step]), null, TestContext.Current.CancellationToken);
        Assert.Equal(moments, curator.Episodes.Select(episode => episode.Kept.Sum(stretch => stretch.Length)));
        Assert.All(curator.Episodes.SelectMany(episode => episode.Removals), removal => Assert.NotEmpty(removal.Why));
        return [.. curator.Episodes.Select(episode => episode.Kept)];
    }

    private string Record(int episodes, Action<int, int, Moment> fill)
    {
        var folder = Path.Combine(_folder.FullName, "data");
        using var writer = RecordingWriter.Create(folder, Senses, new Provenance { Origin = "test" });
        var batch = new MomentBatch(Senses, 1);
        for (var episode = 0; episode < episodes; episode++)
        {
            writer.BeginEpisode(episode + 100);
            for (var k = 0; k < Length; k++)
            {
                batch.Clear();
                for (var i = 0; i < Senses.Channels.Length; i++)
                {
                    batch.SetPresent(i, 0);
                }

                fill(episode, k, batch[0]);
                batch.Endings[0] = k + 1 < Length ? Ending.None : Ending.Truncation;
                writer.Write(batch, 0);
            }
        }

        return folder;
    }
}
