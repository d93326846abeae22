// The umwelt command. Everything it can do is a file under Commands/; CommandLine puts them together and runs one.
using Umwelt.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
