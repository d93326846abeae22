#!/bin/sh
# The whole story of a dream: an explorer walks through a house, a model learns what it saw, heard, did and said, is measured on
# walks it never learnt from, and dreams. Every part goes on where it stopped, so run it again after a kill.
#
#   runs/house.sh                                  three hours of walks, then days of training
#   MOMENTS=6000 STEPS=200 HELD_OUT=0.5 ROLLOUTS=8 runs/house.sh
#                                                  the same story in minutes, with a model that knows next to nothing
set -eu
cd "$(dirname "$0")/.."

MOMENTS=${MOMENTS:-240000}   # 20 a second: how long the explorer walks; somebody plays with keys for a third of that
STEPS=${STEPS:-60000}        # of training, 132 moments each
HELD_OUT=${HELD_OUT:-0.05}   # the share of walks that is measured on and never learnt from
ROLLOUTS=${ROLLOUTS:-200}    # dreams that are measured beside what really followed
DATA=${DATA:-house-data}     # what the explorer lived through
PLAYED=${PLAYED:-house-played} # what the player did
OUT=${OUT:-umwelt-house}     # what is learnt: config.json, checkpoints/, model/

# 1. Record. Eight walks side by side; --continue keeps what is there.
record() {
  if [ -d "$4" ]; then continue=--continue; else continue=; fi
  ./umwelt record house --occupant "$1" --moments "$2" --rows 8 --seed "$3" --out "$4" $continue
}
record explorer "$MOMENTS" 1 "$DATA"
record player "$((MOMENTS / 3))" 2 "$PLAYED"

# 2. Train. Only walks of episodes that are not held out; the recipe is runs/house.json.
if [ -d "$OUT/checkpoints" ]; then resume=--resume; else resume=; fi
./umwelt train runs/house.json --data.recordings="[\"$DATA\", \"$PLAYED\"]" --data.heldOut="$HELD_OUT" --training.steps="$STEPS" --out="$OUT" $resume

# 3. Measure. One page with curves, film strips and tables, on held-out walks alone.
./umwelt measure "$OUT/model" "$DATA" --rollouts "$ROLLOUTS" --only fidelity,control,speech --out "$OUT/measures.html"

# 4. Dream. A film with sound: what really followed on the left, on the right what is dreamed from the same commands.
./umwelt dream "$OUT/model" --motors "$DATA" --moments 200 --mp4 "$OUT/dream.mp4" --beside

# 5. Play. Walk through the dream in a browser.
echo "./umwelt play dream:$OUT/model --open"
