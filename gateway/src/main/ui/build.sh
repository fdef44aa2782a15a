#!/bin/sh
# Builds the dashboard when its sources have changed: build.sh WORK_DIRECTORY OUTPUT_DIRECTORY
# Checks types, runs the unit tests and bundles, with the node and npm that are installed; the sources stay as they are.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" "$2"
work=$(cd "$1" && pwd)
output=$(cd "$2" && pwd)

sum() { cat | sha256sum | cut -d ' ' -f 1; }

wanted=$(cd "$sources" && find . -type f ! -path './node_modules/*' ! -path './built/*' | LC_ALL=C sort | xargs sha256sum | sum)
if [ -f "$output/index.html" ] && [ "$(cat "$work/built.sum" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
for tool in node npm; do
  if ! command -v $tool >/dev/null 2>&1; then
    echo "the dashboard needs $tool to be built: apt-get install nodejs npm, or leave it out with -Dberth.ui.skip=true" >&2
    exit 1
  fi
done
rm -rf "$work/src" "$work/test" "$work/built.sum"
cp -r "$sources/src" "$sources/test" "$sources"/*.json "$sources/build.mjs" "$work"
cd "$work"
locked=$(sum <package-lock.json)
if [ "$(cat installed.sum 2>/dev/null)" != "$locked" ]; then
  npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
  echo "$locked" >installed.sum
fi
npm run --silent check
npm test --silent >test.log 2>&1 || { cat test.log >&2; exit 1; }
node build.mjs bundle "$output"
echo "$wanted" >built.sum
