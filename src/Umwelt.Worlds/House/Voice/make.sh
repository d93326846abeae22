#!/bin/sh
# Makes the words that the voice of the house says: 8 kHz, 16 bit, mono, silence cut off at both ends.
# Needs espeak-ng (any recent version) and ffmpeg. The result is committed beside this script; run it to change the voice.
set -eu
cd "$(dirname "$0")"

say() {
  espeak-ng -v en-gb+f3 -s 150 -p 55 -g 1 --stdout "$2" |
    ffmpeg -nostdin -loglevel error -y -i - -af "\
silenceremove=start_periods=1:start_threshold=-42dB,areverse,\
silenceremove=start_periods=1:start_threshold=-42dB,areverse,\
highpass=f=120,lowpass=f=3600,aresample=8000" \
      -map_metadata -1 -fflags +bitexact -flags:a +bitexact -ar 8000 -ac 1 -c:a pcm_s16le "$1.wav"
}

say hall "the hall"
say blue "the blue room"
say red "the red room"
say green "the green room"
say kitchen "the kitchen"
say library "the library"
say bathroom "the bathroom"
say yellow "the yellow room"
say violet "the violet room"
say cellar "the cellar"
