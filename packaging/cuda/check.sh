#!/bin/sh
# Compares a model's answers and times on the CPU and on a CUDA device.
#   packaging/cuda/check.sh BINARY MODEL_FOLDER DATA_FILE [LABEL]
# Prints the two tables of times, and how many rows the devices answer differently.
set -eu
[ $# -ge 3 ] || { sed -n '2,4p' "$0"; exit 2; }
binary=$1 model=$2 data=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for device in cpu cuda; do
    echo "== $device"
    "$binary" --library "$work/library" score --device "$device" --model "$model" --data "$data" \
        ${4:+--label "$4"} --output "$work/$device.csv" 2>"$work/notes"
    cat "$work/notes"
    if [ "$device" = cuda ] && grep -q 'on the CPU instead' "$work/notes"; then
        echo "There is nothing to compare: no CUDA device could be used." >&2
        exit 1
    fi
done
rows=$(($(wc -l <"$work/cpu.csv") - 1))
differ=$(diff "$work/cpu.csv" "$work/cuda.csv" | grep -c '^<' || true)
echo "$differ of $rows lines differ between the devices (scores differ in their last digits;"
echo "answers should not)"
