#!/usr/bin/env bash
# Prints the machine code of a kernel's innermost loops and counts the calls and stack accesses in them; fails if there
# are any. The kernel must be one that the command below runs (by default the matrix product's register tile):
#   benchmarks/disassembly.sh [METHOD [COMMAND...]]      e.g. benchmarks/disassembly.sh '*RowKernel:Run'
# METHOD is a pattern as DOTNET_JitDisasm takes it (a name, or '*Type:Method').
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
method=${1:-*RegisterTile:Run}
shift || true
if [[ $# -eq 0 ]]; then
  set -- dotnet "$root/src/Umwelt.Cli/bin/Release/net10.0/umwelt.dll" bench gemm
fi

listing=$(mktemp)
trap 'rm -f "$listing"' EXIT
DOTNET_JitDisasm=$method DOTNET_JitStdOutFile=$listing "$@" >/dev/null 2>&1 || true

# A loop ends in a jump to a label above it; it is innermost if no other loop ends inside. Only optimised code counts.
awk '
  /^; Assembly listing for method/ { name = $0; sub(/^; Assembly listing for method /, "", name); optimised = /FullOpts|Tier1/; lines = 0; delete label; next }
  !optimised || /^$/ { next }
  /^G_M[0-9A-Za-z_]+:/ { split($0, part, ":"); label[part[1]] = lines; last = lines; next }
  /^ / {
    text[lines] = $0
    if (match($0, /SHORT +G_M[0-9A-Za-z_]+|G_M[0-9A-Za-z_]+/) && $1 ~ /^j/) {
      target = substr($0, RSTART, RLENGTH); sub(/SHORT +/, "", target)
      if (target in label && label[target] >= innermost[name]) {
        loops++; calls = stack = fused = 0
        print name
        for (i = label[target]; i <= lines; i++) {
          print text[i]
          calls += text[i] ~ / call /; stack += text[i] ~ /\[(rsp|rbp)/; fused += text[i] ~ / vfn?m(add|sub)/
        }
        printf "; %d instructions, %d fused multiply-adds, %d calls, %d stack accesses\n\n", lines - label[target] + 1, fused, calls, stack
        if (fused > 0) bad += calls + stack
        innermost[name] = lines + 1
      }
    }
    lines++
  }
  END {
    if (loops == 0) { print "No loop of such a method was compiled."; exit 2 }
    printf "%d loops, %d calls and stack accesses in those that multiply\n", loops, bad
    exit bad > 0
  }
' "$listing"
