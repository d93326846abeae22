// The control that knows everything: the real house, brought to the state in which the real history left it. It must pass every
// measure; one that it does not pass measures something else.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal sealed class HouseDreamer(HouseReplay replay) : Dreamer
{
    public override string Name => "the truth itself";

    public override Schema Schema => replay.Recording.Schema;

    public override DreamRows Begin(Excerpts real, int prime, long seed, bool[]? visible = null) => new Rows(replay.Options, real, prime, seed);

    private sealed class Rows : DreamRows
    {
        private readonly HouseWorld _world;
        private readonly Occupant _explorer;
        private readonly Excerpts _real;
        private readonly MomentBatch _commands;
        private readonly MomentBatch _moments;
        private readonly HouseTruth[] _kept;
        private readonly bool[] _all;
        private int _next;

        public Rows(HouseOptions options, Excerpts real, int prime, long seed)
        {
            _world = new HouseWorld(real.Rows, options);
            (_real, _next) = (real, prime);
            _commands = new MomentBatch(_world.Schema.Motor, real.Rows);
            _moments = new MomentBatch(_world.Schema, real.Rows);
            _kept = [.. Enumerable.Range(0, real.Rows).Select(_ => new HouseTruth())];
            _all = new bool[real.Rows];
            Array.Fill(_all, true);
            _explorer = _world.CreateOccupant("explorer");
            for (var row = 0; row < real.Rows; row++)
            {
                _world.Reset(row, seed + row, _moments);
                _explorer.Reset(row, seed + row);
                _world.Restore(row, real.States[row] as HouseTruth ?? throw new InvalidOperationException("The truth of this excerpt is not known."));
            }
        }

        public override void Step(MomentBatch commands, MomentBatch moments)
        {
            _world.Step(commands, moments);
            _next++;
        }

        public override void Act(MomentBatch commands, long draw = 0)
        {
            if (_next < _real.Length)
            {
                _real.Commands(_next, commands);
            }
            else
            {
                _explorer.Act(_moments, commands, _all);
            }
        }

        public override void TakeIn(MomentBatch moments)
        {
            Choose(moments);
            Step(_commands, _moments);
        }

        public override void Ask(MomentBatch given, MomentBatch answer)
        {
            Keep();
            Choose(given);
            _world.Step(_commands, _moments);
            Return();
            for (var row = 0; row < _moments.Count; row++)
            {
                for (var c = 0; c < _moments.Schema.Channels.Length; c++)
                {
                    answer.Copy(given.IsPresent(c, row) ? given : _moments, c, row, c, row);
                }
            }
        }

        public override void Surprise(MomentBatch next, Span<double> scores)
        {
            Keep();
            Choose(next);
            _world.Step(_commands, _moments);
            Return();
            MomentDistance.Of(next, _moments, scores);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _world.Dispose();
            }
        }

        // The commands of moments where they have some, otherwise those that were really given.
        private void Choose(MomentBatch moments)
        {
            var schema = _world.Schema;
            Act(_commands);
            for (var row = 0; row < _moments.Count; row++)
            {
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    if (moments.IsPresent(schema.Motors[m], row))
                    {
                        _commands.Copy(moments, schema.Motors[m], row, m, row);
                    }
                }
            }
        }

        private void Keep()
        {
            for (var row = 0; row < _kept.Length; row++)
            {
                _world.Read(row, _kept[row]);
            }
        }

        private void Return()
        {
            for (var row = 0; row < _kept.Length; row++)
            {
                _world.Restore(row, _kept[row]);
            }
        }
    }
}
