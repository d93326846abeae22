// The house: a first-person world of rooms, doors, a ball, lamps and a bell, that is seen, heard and spoken of twenty times
// a second. Every row is a house of its own; nothing of a row depends on how many others there are. What is true but not
// perceived can be read, kept, restored and looked at from elsewhere, for those who measure.
using Umwelt.Moments;
using Umwelt.Worlds.House;
using Umwelt.Worlds.House.Hearing;
using Umwelt.Worlds.House.Occupants;
using Umwelt.Worlds.House.Plan;
using Umwelt.Worlds.House.Sight;

namespace Umwelt.Worlds;

/// <summary>A house to walk through: sight, hearing, speech and reward follow motor commands.</summary>
/// <remarks>An episode is cut off after <see cref="HouseOptions.EpisodeLength"/> moments and never ends by itself. Motor
/// commands are forward, to the right, and turning right, each from -1 to 1, and whether to use what stands ahead.</remarks>
public sealed class HouseWorld : World
{
    /// <summary>Moments in a second.</summary>
    public const int Rate = 20;

    private const int Sight = 0;
    private const int Hearing = 1;
    private const int Speech = 2;
    private const int Reward = 3;
    private const int Motor = 4;
    private const int Use = 5;

    private readonly HouseState[] _states;
    private readonly HouseScenery?[] _sceneries;
    private readonly HouseRenderer _renderer;
    private readonly HouseMixer _mixer = new();

    /// <summary>This many houses.</summary>
    public HouseWorld(int count = 1, HouseOptions? options = null)
        : base(SchemaOf(options ??= new HouseOptions()), count)
    {
        Options = options;
        _states = new HouseState[count];
        _sceneries = new HouseScenery?[count];
        _renderer = new HouseRenderer(options.Size);
    }

    /// <summary>What this world is like.</summary>
    public HouseOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Occupants => ["explorer", "player", .. base.Occupants];

    /// <inheritdoc/>
    public override Occupant CreateOccupant(string name) => name switch
    {
        "explorer" => new HouseExplorer(this),
        "player" => new HousePlayer(this),
        _ => base.CreateOccupant(name),
    };

    /// <summary>What is true of a row at present.</summary>
    public HouseTruth Truth(int row)
    {
        var truth = new HouseTruth();
        Read(row, truth);
        return truth;
    }

    /// <summary>Reads what is true of a row at present into an object that exists already.</summary>
    public void Read(int row, HouseTruth truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        truth.Set(Scenery(row), _states[row]);
    }

    /// <summary>Brings a row to a moment that was read from any row of any house: what follows is what followed then.</summary>
    /// <param name="row">A row with an episode under way.</param>
    /// <param name="truth">The moment.</param>
    public void Restore(int row, HouseTruth truth)
    {
        ArgumentNullException.ThrowIfNull(truth);
        _ = Scenery(row);
        _sceneries[row] = truth.Scenery ?? throw new ArgumentException("This truth has not been read from a world yet.", nameof(truth));
        _states[row] = truth.State;
    }

    /// <summary>Renders the present of a row as it would be seen from elsewhere.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="pose">From where; it must be inside the house.</param>
    /// <param name="picture">Becomes the picture, [row, column, colour].</param>
    public void Render(int row, HousePose pose, Span<byte> picture)
    {
        var scenery = Scenery(row);
        if (!(pose.X > 0 && pose.Y > 0 && pose.X < scenery.Plan.Width && pose.Y < scenery.Plan.Height && Math.Abs(pose.Heading) < 1e6))
        {
            throw new ArgumentOutOfRangeException(nameof(pose), pose, "The pose is not inside the house.");
        }

        _renderer.Render(scenery, ref _states[row], pose.X, pose.Y, pose.Heading, picture);
    }

    /// <summary>An intervention: gives a room's walls the look of another room, such as "the red room", from now on.</summary>
    public void Repaint(int row, int room, string like)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)room, (uint)Scenery(row).Plan.Themes.Length, nameof(room));
        for (var theme = 0; theme < RoomThemes.Count; theme++)
        {
            if (string.Equals(((RoomTheme)theme).Name(), like, StringComparison.Ordinal))
            {
                _states[row].Paint[room] = (RoomTheme)theme;
                return;
            }
        }

        throw new ArgumentException($"No room is called '{like}'; there are {string.Join(", ", Enumerable.Range(0, RoomThemes.Count).Select(i => ((RoomTheme)i).Name()))}.", nameof(like));
    }

    /// <summary>An intervention: switches sounds off, and all others on.</summary>
    public void Silence(int row, HouseSilence sounds)
    {
        _ = Scenery(row);
        _states[row].Silence = sounds;
    }

    /// <summary>An intervention: lets commands have the opposite effect, or the usual one again.</summary>
    public void ReverseMotor(int row, bool isReversed)
    {
        _ = Scenery(row);
        _states[row].IsMotorReversed = isReversed;
    }

    /// <summary>An intervention: puts a door into a state at once, unheard.</summary>
    public void SetDoor(int row, int door, bool isOpen)
    {
        var plan = Scenery(row).Plan;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)door, (uint)plan.Doors.Length, nameof(door));
        ref var state = ref _states[row];
        if (!isOpen && HousePhysics.Blocks(plan.Doors[door], 0, state.X, state.Y, HousePhysics.BodyRadius))
        {
            throw new InvalidOperationException("The body stands in the door.");
        }

        state.Doors[door] = new DoorState { Opening = isOpen ? 1 : 0, IsToOpen = isOpen };
    }

    /// <summary>An intervention: puts the body somewhere else.</summary>
    public void Place(int row, HousePose pose)
    {
        var plan = Scenery(row).Plan;
        ref var state = ref _states[row];
        if (!(pose.X > 0 && pose.Y > 0 && pose.X < plan.Width && pose.Y < plan.Height && Math.Abs(pose.Heading) < 1e6)
            || HousePhysics.Overlap(plan, ref state, pose.X, pose.Y, HousePhysics.BodyRadius) > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(pose), pose, "A body can't stand there.");
        }

        (state.X, state.Y, state.Heading) = (pose.X, pose.Y, Trigonometry.Wrap(pose.Heading));
        state.Room = plan.Room(pose.X, pose.Y);
        state.Stayed = 0;
    }

    internal HouseScenery Scenery(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        return _sceneries[row] ?? throw new InvalidOperationException($"Row {row} has no episode under way; reset it first.");
    }

    internal ref HouseState State(int row) => ref _states[row];

    /// <inheritdoc/>
    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        _sceneries[row] = Options.IsRandom ? new HouseScenery(HouseGenerator.Make(seed)) : HouseScenery.Fixed;
        HouseSimulation.Begin(_sceneries[row]!.Plan, seed, out _states[row]);
        Write(row, moments);
    }

    /// <inheritdoc/>
    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(moments);
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var motor = moments.Vector(Motor, row);
            var plan = _sceneries[row]!.Plan;
            HouseSimulation.Advance(plan, ref _states[row], motor[0], motor[1], motor[2], moments.Category(Use, row) == 1);
            HouseSounds.Place(plan, ref _states[row]);
            Write(row, moments);
        }
    }

    private static Schema SchemaOf(HouseOptions options)
    {
        options.Check();
        return new Schema(
            Rate,
            new ImageChannel("sight", options.Size, options.Size) { Description = "What is seen ahead, 80 degrees wide." },
            new SoundChannel("hearing", HouseSounds.Samples, 2) { Description = "What is heard, left and right." },
            new TextChannel("speech") { Description = "What is said of what happens." },
            new VectorChannel("reward", 1, ChannelRole.Reward) { Description = "1 for the humming lamp, -0.01 for a bump." },
            new VectorChannel("motor", 3, ChannelRole.Motor)
            {
                Description = "Forward, to the right, turn right.",
                Names = ["forward", "strafe", "turn"],
                Minimum = [-1, -1, -1],
                Maximum = [1, 1, 1],
            },
            new CategoryChannel("use", 2, ChannelRole.Motor) { Description = "1 uses the door or lamp ahead.", Labels = ["nothing", "use"] });
    }

    private void Write(int row, MomentBatch moments)
    {
        ref var state = ref _states[row];
        var scenery = _sceneries[row]!;
        _renderer.Render(scenery, ref state, state.X, state.Y, state.Heading, moments.Image(Sight, row));
        moments.SetPresent(Sight, row);
        _mixer.Mix(ref state, moments.Sound(Hearing, row));
        moments.SetPresent(Hearing, row);
        Span<byte> text = stackalloc byte[HouseSpeech.Longest];
        moments.SetText(Speech, row, text[..HouseSpeech.Write(scenery.Plan, state, text)]);
        moments.Vector(Reward, row)[0] = state.Reward;
        moments.SetPresent(Reward, row);
        if (state.Clock >= Options.EpisodeLength)
        {
            moments.Endings[row] = Ending.Truncation;
        }
    }
}
