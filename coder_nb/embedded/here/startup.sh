# What this machine is. It looks, and changes nothing.
fact() {
  printf '\033[1m%-7s\033[0m %s\n' "$1" "$2"
  sleep 0.2
}

printf 'Preparing workspace \033[36m%s\033[0m for %s\n' "$CODER_WORKSPACE_NAME" "$CODER_WORKSPACE_OWNER_NAME"
fact system "$(uname -srm)"
model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
fact cpu "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo '?') x ${model:-$(uname -m)}"
memory=$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { if (t) printf "%.1f GiB, %.1f GiB available", t / 1048576, a / 1048576 }' /proc/meminfo 2>/dev/null)
[ -n "$memory" ] || memory=$(sysctl -n hw.memsize 2>/dev/null | awk '{ printf "%.1f GiB", $1 / 1073741824 }')
fact memory "${memory:-unknown}"
fact disk "$(df -Pk "${HOME:-/}" 2>/dev/null | awk 'NR == 2 { printf "%.1f GiB of %.1f GiB free", $4 / 1048576, $2 / 1048576 }')"
fact python "$("${PYTHON:-python3}" --version 2>&1)"
fact shell "process $$, started $(date -u '+%Y-%m-%d %H:%M:%S UTC')"

full=$(df -Pk "${HOME:-/}" 2>/dev/null | awk 'NR == 2 { sub("%", "", $5); print $5 + 0 }')
if [ "${full:-0}" -ge 95 ]; then
  echo "the disk of the home directory is $full % full" >&2
fi
printf '\033[32m✓\033[0m ready\n'
