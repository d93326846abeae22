// A node of a Parquet schema: a leaf that holds values, or a group of fields. Lists are groups with a repeated child.
// Levels are derived once: a leaf knows how deep its lists nest and from which definition level on each list has an element.
using System.Collections.Immutable;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class ParquetField
{
    /// <summary>More levels than any writer makes; levels then fit a byte and recursion is shallow.</summary>
    public const int Deepest = 48;

    private ParquetField(string name, ParquetRepetition repetition, ParquetType? type, int typeLength, ParquetLogicalType logical, ImmutableArray<ParquetField> children)
    {
        Name = name;
        Repetition = repetition;
        Type = type;
        TypeLength = typeLength;
        Logical = logical;
        Children = children;
    }

    public string Name { get; }

    public ParquetRepetition Repetition { get; }

    /// <summary>How a leaf's values are stored; null for a group.</summary>
    public ParquetType? Type { get; }

    /// <summary>The bytes of each value of a leaf of fixed-length byte arrays.</summary>
    public int TypeLength { get; }

    public ParquetLogicalType Logical { get; }

    public ImmutableArray<ParquetField> Children { get; }

    public bool IsLeaf => Type is not null;

    /// <summary>The names from the top-level field to this one.</summary>
    public ImmutableArray<string> Path { get; private set; } = [];

    public string DottedPath => string.Join('.', Path);

    /// <summary>The definition level at which a value of this field is there.</summary>
    public int MaxDefinition { get; private set; }

    /// <summary>How many repeated fields lie on the way, this one included: the depth of its lists.</summary>
    public int MaxRepetition { get; private set; }

    /// <summary>For each list on the way, outermost first, the definition level from which on it has an element.</summary>
    public ImmutableArray<int> ListDefinitions { get; private set; } = [];

    /// <summary>A leaf's place among the leaves of the schema, which is the place of its chunk in each row group.</summary>
    public int LeafIndex { get; private set; } = -1;

    public static ParquetField Leaf(string name, ParquetType type, ParquetRepetition repetition = ParquetRepetition.Optional, ParquetLogicalType logical = default, int typeLength = 0) =>
        new(name, repetition, type, typeLength, logical, []);

    public static ParquetField Group(string name, ParquetRepetition repetition, ParquetLogicalType logical, params ImmutableArray<ParquetField> children) =>
        new(name, repetition, null, 0, logical, children);

    /// <summary>Text in UTF-8.</summary>
    public static ParquetField Text(string name) => Leaf(name, ParquetType.ByteArray, logical: new(ParquetMeaning.String));

    /// <summary>A struct that may be absent.</summary>
    public static ParquetField Struct(string name, params ImmutableArray<ParquetField> children) => Group(name, ParquetRepetition.Optional, default, children);

    /// <summary>A list in the standard three levels, which may be absent; the element should be called <c>element</c>.</summary>
    public static ParquetField List(string name, ParquetField element) => Group(
        name,
        ParquetRepetition.Optional,
        new(ParquetMeaning.List),
        Group("list", ParquetRepetition.Repeated, default, element));

    /// <summary>A root over these fields, with paths and levels set; a field belongs to one root only.</summary>
    public static ParquetField Root(string name, ImmutableArray<ParquetField> fields, List<ParquetField> leaves)
    {
        var root = Group(name, ParquetRepetition.Required, default, fields);
        foreach (var field in fields)
        {
            field.Derive(root, leaves);
        }

        return root;
    }

    /// <summary>The child of this name, or null.</summary>
    public ParquetField? Child(string name)
    {
        foreach (var child in Children)
        {
            if (string.Equals(child.Name, name, StringComparison.Ordinal))
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The only leaf at or below this field; null where there are several.</summary>
    public ParquetField? OnlyLeaf()
    {
        var field = this;
        while (!field.IsLeaf)
        {
            if (field.Children.Length != 1)
            {
                return null;
            }

            field = field.Children[0];
        }

        return field;
    }

    private void Derive(ParquetField parent, List<ParquetField> leaves)
    {
        Path = parent.Path.Add(Name);
        MaxDefinition = parent.MaxDefinition + (Repetition == ParquetRepetition.Required ? 0 : 1);
        MaxRepetition = parent.MaxRepetition + (Repetition == ParquetRepetition.Repeated ? 1 : 0);
        ListDefinitions = Repetition == ParquetRepetition.Repeated ? parent.ListDefinitions.Add(MaxDefinition) : parent.ListDefinitions;
        if (IsLeaf)
        {
            LeafIndex = leaves.Count;
            leaves.Add(this);
        }

        foreach (var child in Children)
        {
            child.Derive(this, leaves);
        }
    }
}
