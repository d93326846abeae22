// Turns repetition and definition levels into lists: where each list of each level begins, and whether it is there at all.
// What levels cannot mean (an element of a list that has none, a first entry that continues a row) is refused.
// Source: Melnik et al., "Dremel: interactive analysis of web-scale datasets", VLDB 2010, section 4.
namespace Umwelt.Moments.Importers.Parquet;

internal sealed class ListBuilder
{
    private readonly ParquetField _leaf;
    private readonly Level[] _levels;
    private int _open;
    private bool[] _present = [];
    private int _slots;

    public ListBuilder(ParquetField leaf)
    {
        _leaf = leaf;
        _levels = new Level[leaf.MaxRepetition];
        for (var i = 0; i < _levels.Length; i++)
        {
            _levels[i] = new Level();
        }
    }

    public int Rows { get; private set; }

    /// <summary>How many values there are room for: present ones and absent ones.</summary>
    public int Slots => _slots;

    /// <summary>How many entries of any kind the last row has.</summary>
    public int RowEntries { get; private set; }

    public ReadOnlySpan<bool> PresentFrom(int slot) => _present.AsSpan(slot, _slots - slot);

    /// <summary>Takes one entry; false if its levels contradict those before.</summary>
    public bool TryAdd(int repetition, int definition)
    {
        if (repetition == 0)
        {
            Rows++;
            RowEntries = 0;
        }
        else if (repetition > _open || definition < _leaf.ListDefinitions[repetition - 1])
        {
            return false;
        }
        else
        {
            _levels[repetition - 1].Elements++;
        }

        RowEntries++;
        _open = repetition;
        for (var level = repetition; level < _levels.Length; level++)
        {
            var defined = _leaf.ListDefinitions[level];
            _levels[level].Begin(definition >= defined - 1);
            if (definition < defined)
            {
                return true;
            }

            _levels[level].Elements++;
            _open = level + 1;
        }

        AddSlot(definition == _leaf.MaxDefinition);
        return true;
    }

    /// <summary>Takes entries of a leaf without lists, each of which is a row.</summary>
    public void AddFlat(ReadOnlySpan<int> definitions, int count)
    {
        Reserve(count);
        if (_leaf.MaxDefinition == 0)
        {
            _present.AsSpan(_slots, count).Fill(true);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                _present[_slots + i] = definitions[i] == _leaf.MaxDefinition;
            }
        }

        _slots += count;
        Rows += count;
    }

    /// <summary>Hands over lists and presence and starts anew.</summary>
    public (ParquetLists[] Lists, bool[] Present) Take()
    {
        var lists = new ParquetLists[_levels.Length];
        for (var i = 0; i < lists.Length; i++)
        {
            lists[i] = _levels[i].Take();
        }

        var present = _present;
        Array.Resize(ref present, _slots);
        _present = [];
        _slots = 0;
        Rows = 0;
        return (lists, present);
    }

    private void AddSlot(bool present)
    {
        Reserve(1);
        _present[_slots++] = present;
    }

    private void Reserve(int count)
    {
        if (_slots + count > _present.Length)
        {
            Array.Resize(ref _present, Math.Max(_slots + count, Math.Max(64, 2 * _present.Length)));
        }
    }

    private sealed class Level
    {
        private int[] _offsets = [];
        private bool[] _present = [];
        private int _count;

        public int Elements { get; set; }

        public void Begin(bool present)
        {
            if (_count == _present.Length)
            {
                var size = Math.Max(64, 2 * _count);
                Array.Resize(ref _present, size);
                Array.Resize(ref _offsets, size + 1);
            }

            _present[_count] = present;
            _offsets[_count++] = Elements;
        }

        public ParquetLists Take()
        {
            Array.Resize(ref _offsets, _count + 1);
            Array.Resize(ref _present, _count);
            _offsets[_count] = Elements;
            var lists = new ParquetLists(_offsets, _present);
            (_offsets, _present, _count, Elements) = ([], [], 0, 0);
            return lists;
        }
    }
}
