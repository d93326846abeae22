// What can be asked over plain HTTP, for programs that read OpenAPI 3.1: a document beside the code, inside the library.
namespace Umwelt.Server.Internal.Rest;

internal static class OpenApiDocument
{
    public static ReadOnlyMemory<byte> Content { get; } = Read();

    private static byte[] Read()
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
