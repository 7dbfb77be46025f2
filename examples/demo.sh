#!/bin/sh
# The demonstration behind `make demo`: a study measured on this machine, its report and artifact, and an edited
# result being refused.
# Usage: examples/demo.sh [folder of the curie command]
set -eu
bin=${1:-.venv/bin}
out=runs/demo-$(date +%Y%m%d-%H%M%S)
copy=$out-edited

say() { printf '\n== %s\n' "$*"; }

say "What this machine can do: curie doctor"
"$bin/curie" doctor

say "A question, measured here: curie run sorting --out $out"
"$bin/curie" run sorting --out "$out"
say "The report, for people: open the HTML file in a browser; it needs no network"
find "$out/report" -type f | sort

say "The research artifact, for agents: ara check $out/ara"
"$bin/ara" check "$out/ara"

say "Refusal: one measurement is edited in a copy of the run, on disk"
cp -R "$out" "$copy"
"$bin/python" examples/edit_one_measurement.py "$copy/journal.jsonl"

say "The run as measured: curie verify $out"
"$bin/curie" verify "$out"

say "The edited copy: curie verify $copy"
if "$bin/curie" verify "$copy"; then
  echo "demo failed: the edit went unnoticed" >&2
  exit 1
else
  status=$?
fi
if [ "$status" -ne 1 ]; then
  echo "demo failed: verify ended with $status, not with 1" >&2
  exit 1
fi
printf '\nThe edited copy is refused (exit 1). The honest run:\n  report    %s\n  artifact  %s\n' \
  "$out/report/report.html" "$out/ara"
