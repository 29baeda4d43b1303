#!/bin/sh
# Installs the browser in which the unit tests look at the page of a review, on Debian, as root. Another Chromium on PATH will do.
set -eu
for name in chromium-headless-shell chromium google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null
