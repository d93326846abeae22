// A model as somebody who is measured.
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal sealed class ModelDreamer(WorldModel model, string name) : Dreamer
{
    public override string Name => name;

    public override Schema Schema => model.Schema;

    public override DreamRows Begin(Excerpts real, int prime, long seed, bool[]? visible = null)
    {
        var dream = model.Dream(seed, real.Rows);
        for (var row = 0; row < real.Rows; row++)
        {
            dream.Forget(row, row);
        }

        if (prime > 0 && visible?.Contains(true) != false)
        {
            dream.Prime(real.History(prime, visible), prime);
        }

        return new Rows(dream);
    }

    private sealed class Rows(Dream dream) : DreamRows
    {
        public override bool Renders
        {
            get => dream.Renders;
            set => dream.Renders = value;
        }

        public override void Step(MomentBatch commands, MomentBatch moments) => dream.Step(commands, moments);

        public override void Act(MomentBatch commands, long draw = 0) => dream.Act(commands, draw);

        public override void TakeIn(MomentBatch moments) => dream.Prime(moments, 1);

        public override void Ask(MomentBatch given, MomentBatch answer) => dream.Ask(given, answer);

        public override void Surprise(MomentBatch next, Span<double> scores) => dream.Surprise(next, scores);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                dream.Dispose();
            }
        }
    }
}
