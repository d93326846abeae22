# What umwelt.cmd does before it starts the command: builds it when a source is newer than the last build or files came
# or went, one build at a time. Keeps the same stamp idea as the shell script: the names of all sources, dated at the start.
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$command = Join-Path $root 'src\Umwelt.Cli\bin\Release\net10.0\umwelt.dll'
$state = Join-Path $root '.umwelt'
$stamp = Join-Path $state 'built'

function Get-Sources {
  $places = @('src', 'experiments', 'models', 'runs', 'build', 'Directory.Build.props', 'Directory.Packages.props', 'global.json') |
    ForEach-Object { Join-Path $root $_ } | Where-Object { Test-Path $_ }
  Get-ChildItem -Path $places -Recurse -File | Where-Object { $_.FullName -notmatch '\\(bin|obj)\\' } | Sort-Object FullName
}

function Test-Fresh {
  if (-not ((Test-Path $command) -and (Test-Path $stamp))) { return $false }
  $built = (Get-Item $stamp).LastWriteTimeUtc
  $sources = Get-Sources
  if ($sources | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1) { return $false }
  return (($sources.FullName -join "`n") -eq [IO.File]::ReadAllText($stamp))
}

if (Test-Fresh) { exit 0 }

if (-not (dotnet --list-sdks | Select-String -Quiet '^10\.0\.')) {
  [Console]::Error.WriteLine('umwelt needs the .NET 10 SDK: install it from https://dotnet.microsoft.com/download/dotnet/10.0 (winget install Microsoft.DotNet.SDK.10).')
  exit 1
}

New-Item -ItemType Directory -Force $state | Out-Null
$lock = $null
while ($null -eq $lock) {
  try { $lock = [IO.File]::Open((Join-Path $state 'build.lock'), 'OpenOrCreate', 'ReadWrite', 'None') }
  catch [IO.IOException] { Start-Sleep -Milliseconds 200 }
}
try {
  if (-not (Test-Fresh)) {
    [Console]::Error.WriteLine('Building umwelt (once, and after changes)...')
    $started = [DateTime]::UtcNow
    $names = (Get-Sources).FullName -join "`n"
    # What was just cloned has been analysed by those who wrote it, and analysers take most of a first build's time.
    $first = if (Test-Path $command) { @() } else { @('-p:RunAnalyzers=false') }
    $output = & dotnet build -c Release -v q -nologo -tl:off -p:CheckPublicApi=false @first (Join-Path $root 'src\Umwelt.Cli\Umwelt.Cli.csproj')
    if ($LASTEXITCODE -ne 0) {
      $output | ForEach-Object { [Console]::Error.WriteLine($_) }
      exit 1
    }
    [IO.File]::WriteAllText($stamp, $names)
    (Get-Item $stamp).LastWriteTimeUtc = $started
  }
}
finally { $lock.Dispose() }
