// Packs weights into panels of one to three registers, the order in which a tile reads them: [panel][tap, channel][lane].
// Lanes past the last channel hold zeros. For input gradients the two channel axes change places on the way.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal static unsafe class WeightPanels
{
    /// <summary>Packs the weights of one (group, tap y, tap x), a tile of <see cref="WorkerPool.Run"/>.</summary>
    public static void PackTap(void* context, int tile, int worker)
    {
        ref readonly var plan = ref *(CorrelationPlan*)context;
        var entryX = tile % plan.X.Taps;
        var entryY = tile / plan.X.Taps % plan.Y.Taps;
        var group = tile / plan.X.Taps / plan.Y.Taps;
        var phaseY = plan.Y.PhaseOf(entryY);
        var phaseX = plan.X.PhaseOf(entryX);
        var rowsOfPhase = (nint)plan.Y.PhaseTaps(phaseY) * plan.X.PhaseTaps(phaseX) * plan.GroupSources;
        var firstRow = (nint)(((entryY - plan.Y.Start[phaseY]) * plan.X.PhaseTaps(phaseX)) + entryX - plan.X.Start[phaseX])
            * plan.GroupSources;
        var panels = plan.PhasePanels(group, phaseY, phaseX);
        var tap = ((nint)plan.Y.Tap[entryY] * plan.X.Taps) + plan.X.Tap[entryX];
        for (var panel = 0; panel < plan.PanelCount; panel++)
        {
            var start = plan.PanelStart(panel) * plan.Lanes;
            var width = (plan.PanelStart(panel + 1) * plan.Lanes) - start;
            var target = panels + (start * rowsOfPhase) + (firstRow * width);
            var filled = Math.Min(width, plan.GroupDestinations - start);
            if (plan.Transposed)
            {
                // Weight rows are the destination's channels here: [tap][destination in group][source, all groups].
                var source = plan.Weight + (((tap * plan.GroupDestinations) + start) * plan.WeightChannels) + (group * plan.GroupSources);
                Transpose(source, plan.WeightChannels, filled, plan.GroupSources, target, width);
            }
            else
            {
                var source = plan.Weight + (tap * plan.GroupSources * plan.WeightChannels) + (group * plan.GroupDestinations) + start;
                for (var row = 0; row < plan.GroupSources; row++)
                {
                    Unsafe.CopyBlockUnaligned(target + (row * width), source + ((nint)row * plan.WeightChannels), (uint)filled * sizeof(float));
                }
            }

            for (var row = 0; filled < width && row < plan.GroupSources; row++)
            {
                new Span<float>(target + (row * width) + filled, width - filled).Clear();
            }
        }
    }

    /// <summary>target[column, row] = source[row, column] in blocks of four by four.</summary>
    private static void Transpose(float* source, int sourcePitch, int rows, int columns, float* target, int targetPitch)
    {
        var row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            var s = source + ((nint)row * sourcePitch);
            var column = 0;
            for (; column + 4 <= columns; column += 4)
            {
                var a = Vector128.Load(s + column);
                var b = Vector128.Load(s + sourcePitch + column);
                var c = Vector128.Load(s + (2 * sourcePitch) + column);
                var d = Vector128.Load(s + (3 * sourcePitch) + column);
                var t = target + ((nint)column * targetPitch) + row;
                Vector128.Create(a[0], b[0], c[0], d[0]).Store(t);
                Vector128.Create(a[1], b[1], c[1], d[1]).Store(t + targetPitch);
                Vector128.Create(a[2], b[2], c[2], d[2]).Store(t + (2 * targetPitch));
                Vector128.Create(a[3], b[3], c[3], d[3]).Store(t + (3 * targetPitch));
            }

            for (; column < columns; column++)
            {
                for (var i = 0; i < 4; i++)
                {
                    target[((nint)column * targetPitch) + row + i] = s[((nint)i * sourcePitch) + column];
                }
            }
        }

        for (; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                target[((nint)column * targetPitch) + row] = source[((nint)row * sourcePitch) + column];
            }
        }
    }
}
