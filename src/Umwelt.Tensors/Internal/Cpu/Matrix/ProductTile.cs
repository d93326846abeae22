// One tile of C, computed by one worker: for each block of k, the panels of B stay in its second-level cache while
// groups of rows of A pass over them through the register tile.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class ProductTile<V>
    where V : unmanaged, ISimd<V>
{
    public static void Run(void* context, int tile, int worker)
    {
        ref readonly var plan = ref Unsafe.AsRef<ProductPlan>(context);
        ref readonly var a = ref plan.Arguments;
        var width = 2 * V.Count;
        var perProduct = plan.RowTiles * plan.ColumnTiles;
        var batch = tile / perProduct;
        var (columnTile, rowTile) = (tile % perProduct / plan.RowTiles, tile % perProduct % plan.RowTiles);
        var m = rowTile * plan.TileRows;
        var n = columnTile * plan.TilePanels * width;
        var state = new State
        {
            Width = width,
            A = a.A + (batch * a.ABatch) + (m * a.ARow),
            B = a.B + (batch * a.BBatch) + (n * a.BColumn),
            C = a.C + (batch * a.CBatch) + (m * a.CRow) + n,
            Rows = Math.Min(plan.TileRows, a.M - m),
            Columns = Math.Min(plan.TilePanels * width, a.N - n),
            FirstPanel = columnTile * plan.TilePanels,
        };
        state.Panels = (state.Columns + width - 1) / width;
        var panelBytes = (nuint)(plan.BlockSteps * width * sizeof(float));
        var aBytes = (nuint)(plan.BlockSteps * plan.GroupRows * plan.PackedGroups * sizeof(float));
        var cBytes = (nuint)(RegisterTile.MaxRows * width * sizeof(float));
        var bBytes = panelBytes * (nuint)plan.LocalPanels;
        state.LocalC = (float*)plan.Workers.Scratch(worker, cBytes + bBytes + aBytes);
        state.LocalB = state.LocalC + (cBytes / sizeof(float));
        state.LocalA = state.LocalB + (bBytes / sizeof(float));

        var k = 0;
        do
        {
            var steps = Math.Min(plan.BlockSteps, a.K - k);
            state.FindPanels(plan, k, steps);
            state.Multiply(plan, k, steps);
            k += steps;
        }
        while (k < a.K);
    }

    private struct State
    {
        public int Width;
        public float* A;
        public float* B;
        public float* C;
        public int Rows;
        public int Columns;
        public int Panels;
        public int FirstPanel;
        public float* LocalA;
        public float* LocalB;
        public float* LocalC;

        // The panels of this block of k: panel p lies at Source + p * Pitch with rows Step apart; the last one, where it
        // is not full, may lie elsewhere.
        private float* _source;
        private nint _pitch;
        private nint _step;
        private float* _last;
        private nint _lastStep;
        private ushort* _half;

        public void FindPanels(in ProductPlan plan, int k, int steps)
        {
            ref readonly var a = ref plan.Arguments;
            var block = (nint)k * ((a.N + Width - 1) / Width) * Width;
            _step = Width;
            _pitch = steps * Width;
            _source = LocalB;
            _half = null;
            if (a.Packed != null)
            {
                if (a.PackedFormat == WeightFormat.Float32)
                {
                    _source = (float*)a.Packed + block + (FirstPanel * _pitch);
                }
                else
                {
                    _half = (ushort*)a.Packed + block + (FirstPanel * _pitch);
                    if (Rows == 1)
                    {
                        return;
                    }

                    RowKernel.Widen<V>(_half, LocalB, Panels * _pitch);
                }
            }
            else if (plan.DirectB)
            {
                _step = a.BRow;
                _pitch = Width;
                _source = B + (k * a.BRow);
                if (Columns % Width != 0)
                {
                    var last = _source + ((Panels - 1) * Width);
                    PanelPacking.Pack<V>(last, 1, a.BRow, LocalB, Width, Columns % Width, steps);
                    _last = LocalB;
                    _lastStep = Width;
                    return;
                }
            }
            else
            {
                PanelPacking.Pack<V>(B + (k * a.BRow), a.BColumn, a.BRow, LocalB, Width, Columns, steps);
            }

            _last = _source + ((Panels - 1) * _pitch);
            _lastStep = _step;
        }

        public void Multiply(in ProductPlan plan, int k, int steps)
        {
            ref readonly var a = ref plan.Arguments;
            var carry = k > 0 || a.Accumulate;
            var final = k + steps >= a.K;
            for (int row = 0, rows; row < Rows; row += rows)
            {
                rows = Math.Min(plan.GroupRows, Rows - row);
                var source = A + (row * a.ARow) + (k * a.AColumn);
                var (aRow, aStep) = (a.ARow, a.AColumn);
                if (plan.PackedGroups > 0)
                {
                    var packedRows = plan.PackedGroups * plan.GroupRows;
                    if (row % packedRows == 0)
                    {
                        PanelPacking.Pack<V>(source, aRow, aStep, LocalA, plan.GroupRows, Math.Min(packedRows, Rows - row), steps);
                    }

                    source = LocalA + (row % packedRows * steps);
                    (aRow, aStep) = (1, plan.GroupRows);
                }

                var c = C + (row * a.CRow);
                MultiplyRows(a, rows, source, aRow, aStep, c, steps, carry);
                if (final)
                {
                    var bias = a.Bias == null ? null : a.Bias + (FirstPanel * Width);
                    Epilogue.Apply<V>(a.Activation, bias, c, a.CRow, rows, Columns);
                }
            }
        }

        private readonly void MultiplyRows(in MatrixProductArguments a, int rows, float* source, nint aRow, nint aStep, float* c, int steps, bool carry)
        {
            var full = Columns / Width;
            var panel = 0;
            for (int count; rows == 1 && panel < full; panel += count)
            {
                count = Math.Min(RowKernel.Panels, full - panel);
                if (_half != null)
                {
                    RowKernel.Run<V, ushort, BFloat16Element>(count, source, aStep, _half + (panel * _pitch), _step, _pitch, c + (panel * Width), steps, carry);
                }
                else
                {
                    RowKernel.Run<V, float, Float32Element>(count, source, aStep, _source + (panel * _pitch), _step, _pitch, c + (panel * Width), steps, carry);
                }
            }

            for (; panel < full; panel++)
            {
                RegisterTile.Run<V>(rows, source, aRow, aStep, _source + (panel * _pitch), _step, c + (panel * Width), a.CRow, steps, carry);
            }

            if (full < Panels)
            {
                MultiplyEdge(a, rows, source, aRow, aStep, c + (full * Width), Columns - (full * Width), steps, carry);
            }
        }

        /// <summary>A panel of C that is not full is computed beside C, with the same kernel.</summary>
        private readonly void MultiplyEdge(
            in MatrixProductArguments a, int rows, float* source, nint aRow, nint aStep, float* c, int columns, int steps, bool carry)
        {
            if (carry)
            {
                PanelPacking.Copy<V>(c, a.CRow, LocalC, Width, columns, rows);
            }

            if (rows == 1 && _half != null)
            {
                RowKernel.Run<V, ushort, BFloat16Element>(1, source, aStep, _half + ((Panels - 1) * _pitch), _step, 0, LocalC, steps, carry);
            }
            else
            {
                RegisterTile.Run<V>(rows, source, aRow, aStep, _last, _lastStep, LocalC, Width, steps, carry);
            }

            PanelPacking.Copy<V>(LocalC, Width, c, a.CRow, columns, rows);
        }
    }
}
