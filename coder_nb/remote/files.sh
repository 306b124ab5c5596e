# What put, get and ls ask of a workspace, in POSIX sh: dash, bash and busybox run it on a line whose nonce is _N.
#
# An answer is a mark, text, and the mark Z; to R the answer is what is sent. What comes in is written beside its place, and moved there once its sender
# has agreed to its checksum. A watcher that waits for this shell's end, however it comes, removes what was not.
LC_ALL=C; export LC_ALL
unset CDPATH

mark() { printf '\036%s%s%s\036' "$1" "$_N" "${2:+:$2}"; }
say() { mark "$1" "$2"; printf '%s\036Z%s\036' "$3" "$_N"; }
no() { say F "$1" "$2"; return 1; }
have() { command -v "$1" >/dev/null 2>&1; }
line() { tr '\036\n' '  ' <"$1" | tail -c 600; }
# At the end, too. Whoever is killed in the middle of this leaves it to the watcher.
clean() {
  if [ -s "$d/t" ]; then x=$(cat "$d/t") && rm -rf -- "${x%.}" || return; fi
  rm -rf "$d"
}
begin() {
  d=$(mktemp -d 2>&1) || { no temp "$d"; return; }
  mkfifo "$d/alive" 2>"$d/e" && exec 9<>"$d/alive" || { no temp "$(cat "$d/e")"; return; }
  # Deaf from its first moment on.
  trap '' HUP INT QUIT TERM
  (
    exec 8<"$d/alive" 9>&- >/dev/null 2>&1
    read -r x <&8
    clean
  ) &
  trap - HUP QUIT
  trap : TERM
  trap 'clean; exit 130' INT
  if have sha256sum; then S=sha256; sum() { sha256sum; }
  elif have shasum; then S=sha256; sum() { shasum -a 256; }
  elif have cksum; then S=cksum; sum() { cksum; }
  else no tool 'sha256sum, shasum or cksum'; return; fi
  x=; have gzip && x=gzip
  say B $S "$x"
}
decoder() {
  if [ "$(printf 'YQ==' | base64 -d 2>/dev/null)" = a ]; then decode() { base64 -d; }
  elif [ "$(printf 'YQ==' | base64 -D 2>/dev/null)" = a ]; then decode() { base64 -D; }
  elif have python3; then
    decode() { python3 -c 'import base64, sys; base64.decode(sys.stdin.buffer, sys.stdout.buffer)'; }
  elif have perl; then decode() { perl -MMIME::Base64 -pe '$_ = decode_base64($_)'; }
  else no tool 'base64, python3 or perl'; fi
}

# What a step that failed wrote is its reason, and mostly tells its kind.
failed() { why; no "$k" "$x"; }
why() {
  x=$(line "$d/e")
  case $x in
    *[Nn]o\ space* | *[Qq]uota*) k=space ;;
    *ermission\ denied* | *not\ permitted*) k=denied ;;
    *ead-only*) k=readonly ;;
    *) k=failed ;;
  esac
}
# The same while the sender still sends; what it sends is not to be taken for programs.
refuse() { why; clean; no "$k" "$x"; cat >/dev/null; exit 1; }

# What is sent: lines of base64, then one that is a full stop. z: squeezed by gzip.
received() {
  if [ "$z" ]; then sed -n '/^\.$/q;p' | decode | gzip -dc; else sed -n '/^\.$/q;p' | decode; fi
}

# From f, where it shall go, and b, its name in case that is a folder: the file f, the folder h above it, t beside it.
# i: what t is called; n: the bytes to come.
place() {
  case $f in */) [ -d "$f" ] || { no folder "$f"; return; } ;; esac
  if [ -d "$f" ] && [ "$b" ]; then f=${f%/}/$b; fi
  if [ -L "$f" ]; then x=$(readlink -f -- "$f" && echo .) && f=${x%??}; fi
  h=${f%/*}
  [ "$h" != "$f" ] || h=.
  [ "$h" ] || h=/
  [ -d "$h" ] || { no folder "$h"; return; }
  [ -w "$h" ] || { no denied "$h"; return; }
  x=$(df -Pk -- "$h" 2>/dev/null | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
  case $x in
    *[!0-9]* | '') ;;
    *) [ "$x" -ge $((n / 1024)) ] || { no room "$x"; return; } ;;
  esac
  t=$h/.coder-nb-$i
  printf '%s.' "$t" >"$d/t"
}

# put: a file to f. m: its mode; "" for that of the one it replaces.
put() {
  decoder && place || return
  [ ! -d "$f" ] || { no isfolder "$f"; return; }
  if [ -e "$f" ] && [ ! -w "$f" ]; then no denied "$f"; return; fi
  (umask 077 && : >"$t") 2>"$d/e" || { failed; return; }
  mark R
  received >"$t" 2>"$d/e" || refuse
  say S 0 "$S $(sum <"$t")"
}
keep() {
  if [ ! "$m" ] && [ -f "$f" ]; then m=$(stat -c %a -- "$f" 2>/dev/null || stat -f %Lp -- "$f"); fi
  { chmod "${m:-=rw}" "$t" && mv -f -- "$t" "$f"; } 2>"$d/e" || { failed; return; }
  : >"$d/t"
  say K
}

# unpack: a folder to f, from tar.
unpack() {
  decoder && place || return
  have tar || { no tool tar; return; }
  if [ -e "$f" ] && [ ! -d "$f" ]; then no notfolder "$f"; return; fi
  { mkdir -m 700 "$t" && mkfifo "$d/f"; } 2>"$d/e" || { failed; return; }
  sum <"$d/f" >"$d/s" &
  w=$!
  mark R
  received 2>/dev/null | tee "$d/f" 2>/dev/null | {
    tar xpof - -C "$t" 2>"$d/e"
    x=$?
    cat >/dev/null
    exit $x
  } || refuse
  wait $w
  rm "$d/f"
  say S 0 "$S $(cat "$d/s")"
}
# settle: the folder takes its place; where one is, each of its files does.
settle() {
  if [ -d "$f" ]; then merge 2>"$d/e"; else mv -- "$t" "$f" 2>"$d/e"; fi || { failed; return; }
  rm -rf -- "$t"
  : >"$d/t"
  say K
}
merge() {
  case $f in /*) x=$f ;; *) x=$PWD/$f ;; esac
  # In a file, as find would replace the inner braces too.
  printf '%s\n' 'x=$1
  shift
  for f do
    mkdir -p -- "$x/$f" && find "$f/." ! -name . -prune ! -type d -exec sh -c "mv -f -- \"\$@\" \"\$0\"" "$x/$f/" {} + || exit
  done' >"$d/m"
  (cd -- "$t" && find . -type d -exec sh "$d/m" "$x" {} +)
}

# get: what is in the file f, or in the folder, as tar unless o says files only. z: squeeze it, where that pays.
get() {
  [ -e "$f" ] || { no missing "$f"; return; }
  [ -r "$f" ] || { no denied "$f"; return; }
  if [ -d "$f" ]; then
    k=tar
    [ ! "$o" ] || { no isfolder "$f"; return; }
    have tar || { no tool tar; return; }
  elif [ -f "$f" ]; then k=file
  else no notfile "$f"; return; fi
  mkfifo "$d/f" 2>"$d/e" || { failed; return; }
  if [ "$z" ] && have gzip && pays; then z=z; squeeze() { gzip -1cf; }; else z=-; squeeze() { cat; }; fi
  sum <"$d/f" >"$d/s" 9>&- &
  w=$!
  mark H "$k $z $(ls -ldnL -- "$f" 2>/dev/null | head -n 1 | tr -s ' ' | cut -d ' ' -f 1,5)"
  { content 2>"$d/e"; echo $? >"$d/c"; } | tee "$d/f" | squeeze
  wait $w
  rm "$d/f"
  say S "$(cat "$d/c")" "$S $(cat "$d/s") $(line "$d/e")"
}
content() { if [ $k = tar ]; then tar cf - -C "$f" .; else cat -- "$f"; fi; }
# Whether squeezing pays: it does where a beginning of 256 KiB becomes a lot smaller. Little things are not tried.
pays() {
  content 2>/dev/null | head -c 262144 >"$d/x"
  x=$(wc -c <"$d/x") y=$(gzip -1 <"$d/x" | wc -c)
  rm "$d/x"
  [ "$x" -gt 16384 ] && [ $((y * 4)) -lt $((x * 3)) ]
}

# list: the names given, or what is in the one folder given unless g says that a pattern found it: a line from stat each,
# then after the mark M links and where they lead, each ended by NUL.
list() {
  [ -e "$1" ] || [ -L "$1" ] || { no missing "$1"; return; }
  if stat -c %f . >/dev/null 2>&1; then k=hex x='stat -c' y='/%f %s %Y %U %n'
  else k=octal x='stat -f' y='/%p %z %m %Su %N'; fi
  if [ $# = 1 ] && [ -d "$1" ] && [ ! "$g" ]; then
    { [ -r "$1" ] && [ -x "$1" ]; } || { no denied "$1"; return; }
    mark L $k
    (cd -- "$1" && find . ! -name . -prune -exec $x "$y" {} + 2>/dev/null)
    mark M
    (cd -- "$1" && find . ! -name . -prune -type l -exec sh -c 'for f do printf "%s\0" "$f"; readlink -n "$f"; printf "\0"; done' sh {} +)
  else
    mark L $k
    $x "$y" -- "$@" 2>/dev/null
    mark M
    for f do
      if [ -L "$f" ]; then printf '%s\0' "$f"; readlink -n -- "$f"; printf '\0'; fi
    done
  fi
  mark Z
}
