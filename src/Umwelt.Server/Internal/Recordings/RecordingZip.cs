// A recording as one zip file, made while it is sent: nothing is put together in memory or on the disk. Pictures and sound are
// stored as they are, since a client on the same machine is faster than a compressor.
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Umwelt.Server.Internal.Recordings;

internal static class RecordingZip
{
    public static async Task AnswerAsync(HttpContext context, string folder, string name)
    {
        var response = context.Response;
        response.ContentType = "application/zip";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}.zip\"";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var cancellation = context.RequestAborted;
        var body = new AnswerStream(response.Body);
        await using var closing = body.ConfigureAwait(false);
        var zip = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation).ConfigureAwait(false);
        await using (zip.ConfigureAwait(false))
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
            {
                // Hidden files are a writer's locks; a link would lead out of the folder.
                if (file.Name.StartsWith('.') || file.LinkTarget is not null)
                {
                    continue;
                }

                var entry = zip.CreateEntry($"{name}/{Path.GetRelativePath(folder, file.FullName).Replace('\\', '/')}", CompressionLevel.NoCompression);
                var to = await entry.OpenAsync(cancellation).ConfigureAwait(false);
                await using (to.ConfigureAwait(false))
                {
                    var from = file.OpenRead();
                    await using (from.ConfigureAwait(false))
                    {
                        await from.CopyToAsync(to, cancellation).ConfigureAwait(false);
                    }
                }
            }
        }

        await body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
