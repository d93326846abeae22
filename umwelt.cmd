@echo off
rem Runs the umwelt command, building it first when a source is newer than the last build or files came or went.
rem The Windows counterpart of ./umwelt; build\build.ps1 does what the shell script does before it starts the command.
setlocal
where dotnet >nul 2>nul || goto :missing
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0build\build.ps1" || exit /b 1
dotnet "%~dp0src\Umwelt.Cli\bin\Release\net10.0\umwelt.dll" %*
exit /b %errorlevel%

:missing
echo umwelt needs the .NET 10 SDK: install it from https://dotnet.microsoft.com/download/dotnet/10.0 (winget install Microsoft.DotNet.SDK.10). 1>&2
exit /b 1
