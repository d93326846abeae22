// The page's files, from inside the library. They are listed when the server starts, and a request is compared with that list:
// no path of a request ever reaches a file system.
using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Umwelt.Server.Internal.Rest;

internal sealed class PageFiles
{
    private const string Folder = "Page/";

    private readonly FrozenDictionary<string, PageFile> _files = Read(typeof(PageFiles).Assembly);

    /// <summary>Answers with the file at a path; false where there is none.</summary>
    public async Task<bool> AnswerAsync(HttpContext context, string path)
    {
        if (!_files.TryGetValue(path is "/" or "" ? "/index.html" : path, out var file))
        {
            return false;
        }

        context.Response.Headers.ETag = file.Tag;
        context.Response.Headers.CacheControl = "no-cache";
        if (context.Request.Headers.IfNoneMatch.Contains(file.Tag, StringComparer.Ordinal))
        {
            context.Response.StatusCode = 304;
            return true;
        }

        await Answers.BytesAsync(context, file.Content, file.Type).ConfigureAwait(false);
        return true;
    }

    private static FrozenDictionary<string, PageFile> Read(Assembly assembly)
    {
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var path = "/" + name[Folder.Length..].Replace('\\', '/');
            files.Add(path, new PageFile(content, Type(path), $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\""));
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Type(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".map" => "application/json; charset=utf-8",
        ".webmanifest" => "application/manifest+json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".jpg" => "image/jpeg",
        ".webp" => "image/webp",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".wav" => "audio/wav",
        ".wasm" => "application/wasm",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed record PageFile(ReadOnlyMemory<byte> Content, string Type, string Tag);
}
