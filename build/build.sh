# Sourced by umwelt, test and .ci/run: finds the .NET 10 SDK, and builds one project or solution at a time, whoever asks.
# Expects $root, the repository's folder. Standard output stays the command's: what goes wrong goes to standard error.

dotnet=$(command -v dotnet || :)
if [ -z "$dotnet" ] && [ -x "${HOME:-}/.dotnet/dotnet" ]; then
  dotnet=$HOME/.dotnet/dotnet
fi

need_sdk() {
  if [ -z "$dotnet" ] || { [ "${1:-}" = build ] && ! "$dotnet" --list-sdks | grep -q '^10\.0\.'; }; then
    echo "umwelt needs the .NET 10 SDK: install it from https://dotnet.microsoft.com/download/dotnet/10.0 (Debian, Ubuntu: apt-get install dotnet-sdk-10.0)." >&2
    exit 1
  fi
}

# The lock belongs to the open file, so it goes when this shell goes, however it dies. The build must not inherit it:
# compiler servers outlive the build and would hold it for as long as they idle.
lock() {
  mkdir -p "$root/.umwelt"
  exec 9>"$root/.umwelt/build.lock"
  flock 9 2>/dev/null || perl -e 'open(my $lock, ">&=", 9) && flock($lock, 2) or exit 1' || {
    echo "umwelt could not lock $root/.umwelt/build.lock; wait until other builds are over and run this again." >&2
    exit 1
  }
}

unlock() {
  exec 9>&-
}

# Silent when all is well; everything the compiler said when not. Whoever starts a command or a test is in the middle of
# something: the check of public APIs is left to plain builds and to continuous integration.
build_release() {
  output=$(DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false \
    "$dotnet" build -c Release -v q -nologo -tl:off -p:CheckPublicApi=false "$@" 2>&1 9>&-) || {
    printf '%s\n' "$output" | awk '!seen[$0]++' >&2 # MSBuild says every error twice.
    return 1
  }
}
