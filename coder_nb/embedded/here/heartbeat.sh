# One line on how busy this machine is.
load=$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || sysctl -n vm.loadavg 2>/dev/null | tr -d '{}')
memory=$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { if (t) printf ", memory %.1f/%.1f GiB used", (t - a) / 1048576, t / 1048576 }' /proc/meminfo 2>/dev/null)
echo "load ${load:-unknown}$memory"
