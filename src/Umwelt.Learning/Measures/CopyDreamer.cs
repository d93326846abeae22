// The control that knows nothing: whatever comes next is what was last, and it does again what it did last.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal sealed class CopyDreamer(Schema schema) : Dreamer
{
    public override string Name => "copying the last moment";

    public override Schema Schema => schema;

    public override DreamRows Begin(Excerpts real, int prime, long seed, bool[]? visible = null) => new Rows(real, prime, visible);

    private sealed class Rows : DreamRows
    {
        private readonly MomentBatch _last;

        public Rows(Excerpts real, int prime, bool[]? visible)
        {
            _last = new MomentBatch(real.Moments.Schema, real.Rows);
            if (prime > 0)
            {
                real.Copy(prime - 1, _last, visible);
            }
        }

        public override void Step(MomentBatch commands, MomentBatch moments)
        {
            var schema = _last.Schema;
            for (var row = 0; row < _last.Count; row++)
            {
                moments.Copy(_last, row, row);
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    moments.Copy(commands, m, row, schema.Motors[m], row);
                }

                Complete(moments, row);
                moments.Endings[row] = Ending.None;
            }
        }

        public override void Act(MomentBatch commands, long draw = 0)
        {
            var schema = _last.Schema;
            for (var row = 0; row < _last.Count; row++)
            {
                for (var m = 0; m < schema.Motors.Length; m++)
                {
                    commands.Copy(_last, schema.Motors[m], row, m, row);
                    commands.SetPresent(m, row);
                }
            }
        }

        public override void TakeIn(MomentBatch moments)
        {
            for (var row = 0; row < _last.Count; row++)
            {
                _last.Copy(moments, row, row);
            }
        }

        public override void Ask(MomentBatch given, MomentBatch answer)
        {
            for (var row = 0; row < _last.Count; row++)
            {
                for (var c = 0; c < _last.Schema.Channels.Length; c++)
                {
                    answer.Copy(given.IsPresent(c, row) ? given : _last, c, row, c, row);
                }

                Complete(answer, row);
            }
        }

        public override void Surprise(MomentBatch next, Span<double> scores) => MomentDistance.Of(next, _last, scores);

        // What was not seen is dark, silent, empty.
        private static void Complete(MomentBatch moments, int row)
        {
            for (var c = 0; c < moments.Schema.Channels.Length; c++)
            {
                moments.SetPresent(c, row);
            }
        }
    }
}
