// Builds the tree of fields from the footer's flattened list, in which each group says how many children follow it.
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Umwelt.Moments.Importers.Parquet;

internal static class ParquetSchemaReader
{
    public static ParquetField Read(ref ThriftReader reader, ThriftType type, List<ParquetField> leaves)
    {
        var count = reader.Structs(type);
        var elements = new List<Element>();
        for (var i = 0; i < count; i++)
        {
            elements.Add(ReadElement(ref reader));
        }

        if (elements.Count == 0 || elements[0].Type is not null || elements[0].Children <= 0)
        {
            throw reader.Wrong("its schema does not begin with a group of columns");
        }

        var at = 1;
        var fields = Children(ref reader, CollectionsMarshal.AsSpan(elements), ref at, elements[0].Children, 1);
        return at == elements.Count
            ? ParquetField.Root(elements[0].Name, fields, leaves)
            : throw reader.Wrong($"its schema lists {elements.Count} fields but only {at} belong to a group");
    }

    private static ImmutableArray<ParquetField> Children(ref ThriftReader reader, ReadOnlySpan<Element> elements, ref int at, int count, int depth)
    {
        if (depth > ParquetField.Deepest)
        {
            throw reader.Wrong($"its schema nests deeper than {ParquetField.Deepest} levels");
        }

        if (count > elements.Length - at)
        {
            throw reader.Wrong($"a group of its schema claims {count} fields where {elements.Length - at} are left");
        }

        var children = ImmutableArray.CreateBuilder<ParquetField>();
        for (var i = 0; i < count; i++)
        {
            if (at == elements.Length)
            {
                throw reader.Wrong("its schema ends before its groups are full");
            }

            var element = elements[at++];
            var logical = element.Logical.Meaning == ParquetMeaning.None && element.Converted >= 0
                ? ParquetLogicalType.OfConverted(element.Converted)
                : element.Logical;
            if (element.Type is { } type)
            {
                if (type == ParquetType.FixedLenByteArray && element.TypeLength <= 0)
                {
                    throw reader.Wrong($"field {ParquetPlace.Quote(element.Name)} claims values of {element.TypeLength} bytes");
                }

                children.Add(ParquetField.Leaf(element.Name, type, element.Repetition, logical, element.TypeLength));
            }
            else if (element.Children <= 0)
            {
                throw reader.Wrong($"field {ParquetPlace.Quote(element.Name)} has neither a type nor fields");
            }
            else
            {
                var inner = Children(ref reader, elements, ref at, element.Children, depth + 1);
                children.Add(ParquetField.Group(element.Name, element.Repetition, logical, inner));
            }
        }

        return children.DrainToImmutable();
    }

    private static Element ReadElement(ref ThriftReader reader)
    {
        var element = new Element { Name = "", Converted = -1, Repetition = ParquetRepetition.Required };
        var named = false;
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    var stored = reader.Int32(type);
                    element.Type = stored is >= 0 and <= 7 ? (ParquetType)stored : throw reader.Wrong($"a column has the unknown type {stored}");
                    break;
                case 2:
                    element.TypeLength = reader.Int32(type);
                    break;
                case 3:
                    var repetition = reader.Int32(type);
                    element.Repetition = repetition is >= 0 and <= 2
                        ? (ParquetRepetition)repetition
                        : throw reader.Wrong($"a column has the unknown repetition {repetition}");
                    break;
                case 4:
                    element.Name = reader.Text(type);
                    named = true;
                    break;
                case 5:
                    element.Children = reader.Int32(type);
                    break;
                case 6:
                    element.Converted = reader.Int32(type);
                    break;
                case 10:
                    reader.ExpectStruct(type);
                    element.Logical = ParquetLogicalType.Read(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return named ? element : throw reader.Wrong("a field of its schema has no name");
    }

    private record struct Element
    {
        public string Name { get; set; }

        public ParquetType? Type { get; set; }

        public int TypeLength { get; set; }

        public ParquetRepetition Repetition { get; set; }

        public int Children { get; set; }

        public int Converted { get; set; }

        public ParquetLogicalType Logical { get; set; }
    }
}
