#!/bin/sh
# A game that somebody else made becomes a dream: Freedoom runs in Chocolate Doom on a display that nobody sees, a scripted occupant plays it,
# a model learns what it saw and did, is measured on episodes it never learnt from, and dreams. Every part goes on where it stopped.
# Needs chocolate-doom, freedoom and xvfb (on Debian: apt-get install chocolate-doom freedoom xvfb), and ffmpeg for the film.
#
#   runs/doom.sh                                   forty minutes of play, which take as long, then hours of training
#   MOMENTS=4000 STEPS=200 ROLLOUTS=8 runs/doom.sh the same story in minutes, with a model that knows next to nothing
set -eu
cd "$(dirname "$0")/.."

MOMENTS=${MOMENTS:-48000}    # 20 a second: how long it is played
STEPS=${STEPS:-20000}        # of training, 68 moments each
ROLLOUTS=${ROLLOUTS:-100}    # dreams that are measured beside what really followed
DATA=${DATA:-doom-data}      # what was recorded
OUT=${OUT:-umwelt-doom}      # what is learnt: config.json, checkpoints/, model/

# 1. Record. What is seen, and which motors press which keys, stands in runs/doom-app.json; a minute of play is an episode.
if [ -d "$DATA" ]; then continue=--continue; else continue=; fi
./umwelt record app:runs/doom-app.json --occupant habits --moments "$MOMENTS" --seed 1 --out "$DATA" $continue
./umwelt export png "$DATA" --step 200 --out "$DATA.png"

# 2. Train. Episodes that are held out are never learnt from; the recipe is runs/doom.json.
if [ -d "$OUT/checkpoints" ]; then resume=--resume; else resume=; fi
./umwelt train runs/doom.json --data.recordings="[\"$DATA\"]" --training.steps="$STEPS" --out="$OUT" $resume

# 3. Measure. One page with curves and film strips.
./umwelt measure "$OUT/model" "$DATA" --only fidelity,control --prime 40 --horizon 40 --rollouts "$ROLLOUTS" --out "$OUT/measures.html"

# 4. Dream. A film: what really followed on the left, on the right what is dreamed from the same commands.
./umwelt dream "$OUT/model" --motors "$DATA" --moments 200 --mp4 "$OUT/dream.mp4" --beside

# 5. Play, with the keys of the page: the dream, or the game itself.
echo "./umwelt play dream:$OUT/model --open"
echo "./umwelt play app:runs/doom-app.json --open"
