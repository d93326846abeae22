// Types in the notation of C#: keywords for the simple ones, full names for the rest, `?` where null is allowed.
using System.Reflection;

namespace Umwelt.PublicApi;

internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type) => Of(type, null);

    public static string Of(Type type, NullabilityInfo? nullability)
    {
        var mark = nullability is { ReadState: NullabilityState.Nullable } && !type.IsValueType && !type.IsPointer ? "?" : "";
        if (type.IsByRef)
        {
            return "ref " + Of(type.GetElementType()!, nullability?.ElementType) + mark;
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (type.IsFunctionPointer)
        {
            return $"delegate*<{string.Join(", ", type.GetFunctionPointerParameterTypes().Append(type.GetFunctionPointerReturnType()).Select(Of))}>";
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Of(inner) + "?";
        }

        return (Keywords.TryGetValue(type, out var keyword) ? keyword : Named(type, nullability)) + mark;
    }

    public static string Constraints(IEnumerable<Type> arguments) => string.Concat(arguments.Select(Constraint));

    private static string Constraint(Type argument)
    {
        if (!argument.IsGenericParameter)
        {
            return "";
        }

        var attributes = argument.GenericParameterAttributes;
        var parts = argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal).ToList();
        if (attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            var isUnmanaged = argument.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "IsUnmanagedAttribute");
            parts.Insert(0, isUnmanaged ? "unmanaged" : "struct");
        }
        else
        {
            if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                parts.Insert(0, "class");
            }

            if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            {
                parts.Add("new()");
            }
        }

        if (attributes.HasFlag(GenericParameterAttributes.AllowByRefLike))
        {
            parts.Add("allows ref struct");
        }

        return parts.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", parts)}";
    }

    private static string Named(Type type, NullabilityInfo? nullability)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        // The arguments of enclosing types come first in the list; each level of nesting shows its own.
        var arguments = type.GetGenericArguments();
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var prefix = type.DeclaringType is { } outer
            ? Named(outer.IsGenericTypeDefinition && !type.IsGenericTypeDefinition ? outer.MakeGenericType(arguments[..inherited]) : outer, null) + "."
            : type.Namespace is { Length: > 0 } space ? space + "." : "";
        var name = type.Name.Split('`')[0];
        var own = arguments.Skip(inherited)
            .Select((argument, i) => Of(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(inherited + i))).ToArray();
        return prefix + name + (own.Length > 0 ? $"<{string.Join(", ", own)}>" : "");
    }
}
