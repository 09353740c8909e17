# d: directory, sr: archive (rs: on the host, hu: a URL), cr: creates, zi: a zip, kn: keep
# newer, li: list. What it holds is unpacked beside, compared, and put in place.
if [ "$cr" ] && s_glob "$cr"; then
  s_v msg "skipped, since $cr exists"
  s_v skipped 1
  s_v s:dest "$d"
  s_end
fi
[ -d "$d" ] || s_die "Destination '$d' is not a directory"
if [ "$rs" ]; then
  if [ "$hu" ]; then
    s_work
    W=$T
    T=
    s_fetch "$sr" "$W/archive"
    sr=$W/archive
  fi
  [ -e "$sr" ] || s_die "Source '$sr' does not exist"
  [ -r "$sr" ] || s_die "Source '$sr' not readable"
else
  s_need
  s_work
  W=$T
  T=
  s_text >"$W/archive" || s_die "can't keep the archive (is the disk full?)"
  sr=$W/archive
fi
# The first bytes tell what it is; busybox's tar must be told.
z=
case $(od -An -tx1 -N2 "$sr" | tr -d ' ') in
504b) zi=1 ;;
1f8b) z=-z ;;
425a) z=-j ;;
fd37) z=-J ;;
28b5) z=--zstd ;;
esac
T=$(mktemp -d "$d/.swarmctl.XXXXXX" 2>&1) || { E=$T T=; s_die "can't write in $d: $E"; }
trap s_rm EXIT
trap 'exit 143' HUP INT TERM
if [ "$zi" ]; then
  s_which unzip || s_die "Failed to find handler for the archive: there is no unzip on this host"
  E=$(u_zip "$sr" "$T" 2>&1 </dev/null) || s_die "Unpacking failed: $E"
else
  E=$(u_tar "$sr" "$T" 2>&1 </dev/null) || s_die "Unpacking failed: $E"
fi
s_v s:dest "$d"

# Puts one directory's members in place: below $T, below $d.
u_walk() {
  for f in "$T$1"/* "$T$1"/.[!.]* "$T$1"/..?*; do
    [ -e "$f" ] || [ -L "$f" ] || continue
    n=$1/${f##*/}
    t=$d$n
    [ -z "$li" ] || s_v a:files "${n#/}"
    if [ -L "$f" ]; then
      if [ ! -L "$t" ] || [ "$(readlink "$f")" != "$(readlink "$t")" ]; then u_put "$f" "$t"; fi
    elif [ -d "$f" ]; then
      if [ ! -d "$t" ]; then
        C=1
        if [ -z "$K" ]; then
          E=$(mkdir "$t" 2>&1) || s_die "$E"
          chmod "00$(stat -c %a "$f")" "$t"
        fi
      fi
      ( u_walk "$n"; exit $((C+10)) )
      case $? in 10) ;; 11) C=1 ;; *) exit 9 ;; esac
      t=$d$1/${f##*/}
    elif [ ! -f "$t" ] || [ -L "$t" ] || ! cmp -s "$f" "$t"; then
      if [ -z "$kn" ] || [ ! -e "$t" ] || [ -z "$(find "$t" -newer "$f" 2>/dev/null)" ]; then u_put "$f" "$t"; fi
    elif [ -z "$WM" ] && [ "$(stat -c %a "$f")" != "$(stat -c %a "$t")" ]; then
      C=1
      [ "$K" ] || chmod "00$(stat -c %a "$f")" "$t"
    fi
    if [ -e "$t" ] || [ -L "$t" ]; then s_attr "$t"; fi
  done
}
u_put() {
  C=1
  [ -z "$K" ] || return 0
  [ ! -d "$2" ] || [ -L "$2" ] || s_die "$2 is a directory"
  E=$(mv -f "$1" "$2" 2>&1) || s_die "$E"
}
u_walk ''
s_info "$d" dest
