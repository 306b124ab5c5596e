# Background jobs, in POSIX sh on a line whose nonce is _N. Each has a folder of its own, which only its user can open:
# about (when it began, what it is), pid (and when that process began), out, and in the end code (and when that was).
LC_ALL=C; export LC_ALL
unset CDPATH
B=${XDG_CACHE_HOME:-$HOME/.cache}/coder-nb/jobs

mark() { printf '\036%s%s%s\036' "$1" "$_N" "${2:+:$2}"; }
say() { mark "$1" "$2"; printf '%s\036Z%s\036' "$3" "$_N"; }
no() { say F "$1" "$2"; return 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# When a process began, where the system tells: its number may be another's by now.
born() {
  y=
  if read -r q <"/proc/$1/stat"; then set -- ${q##*) }; y=${20}; fi 2>/dev/null
}
# Of job j: c its code and e its end, p its process and a whether that lives, n the bytes of its output.
look() {
  c= e= p= s= a= n=0
  if read -r c e <"$B/$j/code"; then :; elif read -r p s g <"$B/$j/pid"; then
    born "$p"
    if kill -0 "$p" && [ "$y" = "${s#-}" ]; then a=1
    else read -r c e <"$B/$j/code"; fi
  fi 2>/dev/null
  n=$(wc -c <"$B/$j/out" 2>/dev/null) || n=0
  n=$((n))
}
known() { [ -d "$B/$j" ] || no missing; }

# What is left of jobs that ended a week ago.
forget() {
  for x in "$B"/*/; do
    j=${x%/} j=${j##*/}
    look
    if [ ! "$a" ] && [ "$(find "$x" -prune -mtime +7 2>/dev/null)" ]; then rm -rf "$x"; fi
  done
}
# start: job i, whose folder is made and whose program is in it. It runs in the foreground of this shell, which its
# sender then ends: what a shell puts into the background would be deaf to Ctrl-C.
detached() {
  if have setsid; then exec setsid "$@"
  elif have python3; then exec python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
  elif have perl; then exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@"
  fi
  trap '' HUP QUIT
  exec "$@"
}
prepare() {
  { mkdir -p "$B" && chmod 700 "$B" && mkdir -m 700 "$B/$i" && (umask 077; cat >"$B/$i/run"); } 2>/dev/null || {
    no temp "$B"
    return
  }
  date +%s >"$B/$i/about"
  printf '%s\n' "$w" >>"$B/$i/about"
}
start() { (detached /bin/sh "$B/$i/run" "$B/$i" "$_N"); }

list() {
  mark L
  for x in "$B"/*/; do
    j=${x%/} j=${j##*/}
    [ -f "$x/about" ] || continue
    look
    { read -r s; read -r w; } <"$x/about"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$j" "$s" "$c" "$e" "$a" "$n" "$w"
  done
  mark Z
}
# follow: what job j wrote from byte o on, m bytes at most; waits, r times at most, until there is any or it has ended.
follow() {
  known || return
  while look; [ $n -le $o ] && [ "$a" ] && [ $r -gt 0 ]; do
    sleep 0.2 2>/dev/null || sleep 1
    r=$((r - 1))
  done
  x=$((n - o))
  [ $x -le $m ] || x=$m
  [ $x -ge 0 ] || x=0
  { read -r s; read -r w; } <"$B/$j/about"
  mark O "$n ${c:--} ${e:--} ${a:-0} $s"
  if [ $x -gt 0 ]; then tail -c "+$((o + 1))" "$B/$j/out" | head -c $x; fi
  mark Z
}
# hit: signal v to job j and all it has started.
hit() {
  known || return
  look
  if [ "$a" ]; then
    t=$p
    [ "$g" != group ] || t=-$p
    kill -s "$v" -- "$t" 2>/dev/null || kill -s "$v" "$t" 2>/dev/null
    if [ "$v" = KILL ]; then
      r=50
      while look; [ "$a" ] && [ $r -gt 0 ]; do sleep 0.1 2>/dev/null || sleep 1; r=$((r - 1)); done
      [ "$c" ] || printf '137 %s\n' "$(date +%s)" >"$B/$j/code"
    fi
  fi
  say K
}
remove() {
  known || return
  look
  [ ! "$a" ] || { no running; return; }
  rm -rf "$B/${j:?}"
  say K
}
