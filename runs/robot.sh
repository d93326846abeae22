#!/bin/sh
# A LeRobot data set becomes a world model, and its report says how well joints are foreseen: against staying still, going on as fast, a season and
# a linear rule, with intervals over episodes. Three commands; every part goes on where it stopped.
#
#   SET=~/sets/so101 runs/robot.sh                 a data set of LeRobot, version 2.0 to 3.0; videos need ffmpeg
#   SET=~/sets/so101 SIZE=64x48 STEPS=500 runs/robot.sh
set -eu
cd "$(dirname "$0")/.."

SET=${SET:?name a LeRobot data set: SET=FOLDER runs/robot.sh}
SIZE=${SIZE:-64x48}            # width and height that pictures are brought to
STEPS=${STEPS:-6000}           # of training, 68 moments each
ROLLOUTS=${ROLLOUTS:-100}
HORIZON=${HORIZON:-50}
DATA=${DATA:-robot-data}
OUT=${OUT:-umwelt-robot}

[ -d "$DATA" ] || ./umwelt import lerobot "$SET" --size "$SIZE" --out "$DATA"
if [ -d "$OUT/checkpoints" ]; then resume=--resume; else resume=; fi
./umwelt train runs/robot.json --data.recordings="[\"$DATA\"]" --training.steps="$STEPS" --out="$OUT" $resume
./umwelt measure "$OUT/model" "$DATA" --only fidelity,forecast --prime 20 --horizon "$HORIZON" --rollouts "$ROLLOUTS" --out "$OUT/measures.html"
