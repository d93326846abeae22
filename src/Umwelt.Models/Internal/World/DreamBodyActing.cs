// What rows that dream would do next: the first of the groups in which a moment is inferred, alone.
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.World;

internal sealed partial class DreamBody
{
    /// <summary>Infers the commands of moments that lack everything; the rows stay where they are.</summary>
    /// <param name="moments">Become the commands.</param>
    /// <param name="draw">0 for what a step would infer, other numbers for other chances.</param>
    public void Act(MomentBatch moments, long draw)
    {
        using var unrecorded = _model.Engine.NoGradient();
        using var scope = _model.Engine.Scope();
        if (draw == 0)
        {
            _chance.Be(_seeds, _moments);
        }
        else
        {
            _chance.Be([.. _seeds.Select(seed => unchecked((long)RandomStream.Of(seed, draw).Key))], _moments);
        }

        var motors = _model.Schema.Motors;
        if (motors.IsEmpty)
        {
            return;
        }

        var z = Infer(_model.Known(_memory[Remembered]), moments, Groups, motors[0], motors[^1]);
        for (var c = motors[0]; c <= motors[^1]; c++)
        {
            if (GroupOf(_model.Codecs[c].Channel) == Motors)
            {
                _chance.For(c);
                _model.Values.Write(_model.Codecs[c].Sample(_model.SlotsOf(z, c, motors[0]), MemoryOf(c), SeenOf(c), _chance), moments, c);
            }
        }
    }
}
