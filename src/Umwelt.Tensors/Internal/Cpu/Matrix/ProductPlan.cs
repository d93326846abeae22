// How one matrix product is cut: tiles of C for the workers, blocks of k for the caches, and where panels of B come from.
// Nothing here changes a result, only its speed.
namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal unsafe struct ProductPlan
{
    public MatrixProductArguments Arguments;
    public WorkerPool Workers;

    /// <summary>Tiles of C in one product of the batch, and their size; the last ones may be smaller.</summary>
    public int RowTiles;
    public int ColumnTiles;
    public int TileRows;
    public int TilePanels;
    public int Tiles;
    public int BlockSteps;

    /// <summary>B is read where it lies, its columns being neighbours.</summary>
    public bool DirectB;

    /// <summary>Panels of B that a tile holds in memory of its own.</summary>
    public int LocalPanels;

    /// <summary>All of B is packed by all workers before the tiles start.</summary>
    public bool PackBefore;

    /// <summary>Rows that pass through the register tile together.</summary>
    public int GroupRows;

    /// <summary>How many groups of rows of A a tile packs at once; 0 where A is read in place.</summary>
    public int PackedGroups;

    public static ProductPlan For(WorkerPool workers, in MatrixProductArguments arguments)
    {
        var plan = new ProductPlan { Arguments = arguments, Workers = workers };
        ref var a = ref plan.Arguments;
        a.Batch = Math.Max(a.Batch, 1);
        if (a.M <= 0 || a.N <= 0)
        {
            return plan;
        }

        a.BBatch = a.Packed != null || a.Batch == 1 ? 0 : a.BBatch;
        if (a.Batch > 1 && a.BBatch == 0 && a.ABatch == a.M * a.ARow && a.CBatch == a.M * a.CRow)
        {
            a.M *= a.Batch;
            a.Batch = 1;
        }

        plan.BlockSteps = PackedPanels.BlockSteps(a.K);
        plan.Split();
        var packA = a.M > 1 && (a.AColumn != 1 || a.ARow % Blocking.CompetingStride == 0);
        plan.PackedGroups = !packA ? 0 : a.ARow == 1 ? Blocking.TransposedGroups : 1;
        if (a.Packed == null)
        {
            plan.DirectB = a.BColumn == 1 && a.M <= Blocking.DirectRows;
            plan.PackBefore = !plan.DirectB && a.BBatch == 0 && plan.RowTiles * a.Batch > 1;
        }

        var readsPacked = a.Packed != null && (a.PackedFormat == WeightFormat.Float32 || a.M == 1);
        plan.LocalPanels = plan.PackBefore || readsPacked ? 0 : plan.DirectB ? 1 : plan.TilePanels;
        return plan;
    }

    private void Split()
    {
        ref var a = ref Arguments;
        var panels = (a.N + PackedPanels.PanelWidth - 1) / PackedPanels.PanelWidth;
        var work = (double)a.M * a.N * Math.Max(a.K, 1) * a.Batch;
        var threads = Workers.Threads;
        var wanted = threads == 1 || work < Blocking.ParallelWork
            ? 1
            : (int)Math.Clamp(work / Blocking.TileWork, threads, Blocking.TilesPerWorker * threads);
        wanted = (wanted + a.Batch - 1) / a.Batch;

        // Workers keep to columns of their own where there are enough, hence to their own part of B and of its packed form; not
        // where one would get a panel more than the other and that panel were a good part of its work.
        ColumnTiles = (panels + Blocking.TilePanels - 1) / Blocking.TilePanels;
        if (wanted > 1 && panels >= 2 * threads && (panels % threads == 0 || panels >= Blocking.EvenPanels * threads))
        {
            ColumnTiles = (ColumnTiles + threads - 1) / threads * threads;
        }

        var rowTiles = Math.Max(1, a.M / Blocking.TileRows);
        RowTiles = Math.Min((wanted + ColumnTiles - 1) / ColumnTiles, rowTiles);
        if (wanted > 1 && ColumnTiles * RowTiles < wanted)
        {
            ColumnTiles = Math.Min(a.M == 1 ? (panels + RowKernel.Panels - 1) / RowKernel.Panels : panels, (wanted + RowTiles - 1) / RowTiles);
        }

        if (wanted > 1 && ColumnTiles % threads != 0 && a.Batch % threads != 0 && rowTiles >= threads)
        {
            RowTiles = (RowTiles + threads - 1) / threads * threads;
        }

        TileRows = (a.M + RowTiles - 1) / RowTiles;
        TilePanels = (panels + ColumnTiles - 1) / ColumnTiles;
        RowTiles = (a.M + TileRows - 1) / TileRows;
        ColumnTiles = (panels + TilePanels - 1) / TilePanels;
        Tiles = RowTiles * ColumnTiles * a.Batch;
        var groups = (TileRows + RegisterTile.MaxRows - 1) / RegisterTile.MaxRows;
        GroupRows = (TileRows + groups - 1) / groups;
    }
}
