#!/bin/sh
# Somebody else's environment becomes a dream: an occupant written in Python acts in several at once, a model learns what was seen and done, is
# measured on episodes it never learnt from, and dreams. Every part goes on where it stopped.
# Needs a Python with Gymnasium that can draw: python3 -m venv gym && gym/bin/pip install 'gymnasium[classic-control]', then UMWELT_PYTHON=gym/bin/python.
#
#   runs/gym.sh                                       the pendulum, half an hour of it, then an hour of training
#   MOMENTS=2000 STEPS=100 ROLLOUTS=8 runs/gym.sh     the same story in minutes, with a model that knows next to nothing
#   WORLD='gym:CarRacing-v3?sight=64' OCCUPANT=random runs/gym.sh
set -eu
cd "$(dirname "$0")/.."

WORLD=${WORLD:-gym:Pendulum-v1?sight=32&occupant=gym_occupant:act}
OCCUPANT=${OCCUPANT:-script}   # the function that the world's name says; or random
MOMENTS=${MOMENTS:-54000}
STEPS=${STEPS:-6000}           # of training, 136 moments each
ROLLOUTS=${ROLLOUTS:-100}
DATA=${DATA:-gym-data}
OUT=${OUT:-umwelt-gym}

# 1. Record. Eight environments side by side; Python finds the occupant beside this script.
if [ -d "$DATA" ]; then continue=--continue; else continue=; fi
PYTHONPATH=runs${PYTHONPATH:+:$PYTHONPATH} ./umwelt record "$WORLD" --occupant "$OCCUPANT" --moments "$MOMENTS" --rows 8 --seed 1 --out "$DATA" $continue

# 2. Train, 3. measure, 4. dream, as with any world.
if [ -d "$OUT/checkpoints" ]; then resume=--resume; else resume=; fi
./umwelt train runs/gym.json --data.recordings="[\"$DATA\"]" --training.steps="$STEPS" --out="$OUT" $resume
./umwelt measure "$OUT/model" "$DATA" --only fidelity,forecast,control --prime 20 --horizon 40 --rollouts "$ROLLOUTS" --out "$OUT/measures.html"
./umwelt dream "$OUT/model" --motors "$DATA" --moments 150 --mp4 "$OUT/dream.mp4" --beside
echo "./umwelt play dream:$OUT/model --open"
