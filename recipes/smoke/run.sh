#!/usr/bin/env bash
# From four clips to a voice that speaks (noise), through every verb; a minute on one core. CI runs it.
#   bash recipes/smoke/run.sh      (with the package installed)
set -euo pipefail
cd "$(dirname "$0")/../.."
export OMP_NUM_THREADS=1
out=build/smoke
rm -rf "$out"

tts prepare tests/fixtures/ljspeech "$out/corpus"
tts prepare tests/fixtures/ljspeech "$out/corpus" --jobs 2  # finds all features there
tts train recipes/smoke/deepvoice3.toml --set train.steps=10 --set train.decay_steps=0
tts train recipes/smoke/deepvoice3.toml --resume
tts predict "$out/deepvoice3" "$out/corpus" "$out/predicted"
tts train recipes/smoke/wavenet.toml
tts pack "$out/deepvoice3" "$out/voice"
tts pack "$out/wavenet" "$out/voice"
# 3: it is spoken, and its audit says that the voice learnt nothing
tts say "Hello." --voice "$out/voice" -o "$out/hello.wav" || [[ $? -eq 3 ]]
ls -l "$out/hello.wav" "$out"/*/samples/*
