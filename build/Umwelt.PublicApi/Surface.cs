// The public and protected surface of an assembly as sorted lines, one a type or member, in the notation of C#:
// "Namespace.Type: member". Two builds of the same source give the same lines; whatever a caller could notice (types, names, defaults, nullability)
// is in them.
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Umwelt.PublicApi;

internal static class Surface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static List<string> Of(string path)
    {
        var full = Path.GetFullPath(path);
        var context = new AssemblyLoadContext("surface");
        context.Resolving += (_, name) =>
        {
            var beside = Path.Combine(Path.GetDirectoryName(full)!, name.Name + ".dll");
            return File.Exists(beside) ? context.LoadFromAssemblyPath(beside) : null;
        };
        var lines = new List<string>();
        foreach (var type in context.LoadFromAssemblyPath(full).GetTypes().Where(IsVisible))
        {
            lines.Add($"{TypeNames.Of(type)}: {Kind(type)}");
            lines.AddRange(Members(type).Select(line => $"{TypeNames.Of(type)}: {line}"));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!));

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static string Kind(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return $"delegate {Signature(type.GetMethod("Invoke")!, "")}{TypeNames.Constraints(type.GetGenericArguments())}";
        }

        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => $"{(type.IsDefined(typeof(IsReadOnlyAttribute), false) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var parents = type.IsEnum
            ? [TypeNames.Of(Enum.GetUnderlyingType(type))]
            : (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [TypeNames.Of(parent)] : Array.Empty<string>())
                .Concat(type.GetInterfaces().Where(contract => IsVisible(contract)).Select(TypeNames.Of).Order(StringComparer.Ordinal)).ToArray();
        return $"{kind}{(parents.Length > 0 ? " : " + string.Join(", ", parents) : "")}{TypeNames.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [];
        }

        var fields = type.GetFields(Declared).Where(field => IsVisible(field) && !field.IsSpecialName).Select(field => Field(type, field));
        var constructors = type.GetConstructors(Declared).Where(IsVisible).Select(made => $"new({Parameters(made)})");
        var methods = type.GetMethods(Declared).Where(method => IsVisible(method) && !IsGenerated(method))
            .Select(method => Modifiers(method) + Signature(method, method.Name));
        var properties = type.GetProperties(Declared).Where(property => IsVisible(property.GetMethod) || IsVisible(property.SetMethod)).Select(Property);
        var events = type.GetEvents(Declared).Where(happening => IsVisible(happening.AddMethod))
            .Select(happening => $"event {TypeNames.Of(happening.EventHandlerType!)} {happening.Name}");
        return fields.Concat(constructors).Concat(methods).Concat(properties).Concat(events);
    }

    private static bool IsGenerated(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)) || method.Name.StartsWith('<');

    private static string Field(Type type, FieldInfo field)
    {
        if (type.IsEnum)
        {
            return $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}";
        }

        var modifiers = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        var value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";
        return $"{modifiers}{TypeNames.Of(field.FieldType, Nullability.Create(field))} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        var getter = IsVisible(property.GetMethod) ? "get; " : "";
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var setter = IsVisible(property.SetMethod) ? (isInit ? "init; " : "set; ") : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        var modifiers = Modifiers((IsVisible(property.GetMethod) ? property.GetMethod : property.SetMethod)!);
        return $"{modifiers}{required}{TypeNames.Of(property.PropertyType, Nullability.Create(property))} {name} {{ {getter}{setter}}}";
    }

    private static string Modifiers(MethodInfo method)
    {
        var access = method.IsPublic ? "" : "protected ";
        var dispatch = method switch
        {
            { IsAbstract: true } when method.DeclaringType!.IsInterface && !method.IsStatic => "",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => method.GetBaseDefinition() == method ? "virtual " : "override ",
            _ => "",
        };
        return access + (method.IsStatic ? "static " : "") + dispatch;
    }

    private static string Signature(MethodInfo method, string name)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        var constraints = method.IsGenericMethod ? TypeNames.Constraints(method.GetGenericArguments()) : "";
        var returned = TypeNames.Of(method.ReturnType, Nullability.Create(method.ReturnParameter));
        return $"{returned} {name}{generic}({Parameters(method)}){constraints}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter.IsOut ? "out " : parameter.IsDefined(typeof(RequiresLocationAttribute), false) ? "ref readonly "
            : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute), false) || parameter.IsDefined(typeof(ParamCollectionAttribute), false) ? "params "
            : parameter.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "";
        var type = TypeNames.Of(parameter.ParameterType, Nullability.Create(parameter)).Replace("ref ", "", StringComparison.Ordinal);
        return $"{prefix}{type} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "")}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
