# Tells what a path is. d: the path, w: follow, a: the kind of checksum, n: MIME type.
L=
[ -z "$w" ] || L=-L
q=$(stat $L -c '%f %u %g %s %i %d %h %X %Y %Z %b %o %U %G' "$d" 2>&1) || {
  if [ -e "$d" ] || { [ -L "$d" ] && [ -z "$w" ]; }; then s_die "$q"; fi
  s_parent "$d"
  [ ! -d "$p" ] || [ -x "$p" ] || s_die "Permission denied"
  s_end
}
s_v stat "$q"
s_v path "$d"
x=
[ ! -r "$d" ] || x=r
[ ! -w "$d" ] || x=${x}w
[ ! -x "$d" ] || x=${x}x
s_v access "$x"
if [ -L "$d" ] && [ -z "$w" ]; then
  s_v lnk_target "$(readlink "$d")"
  s_v lnk_source "$(readlink -f "$d")"
elif [ -f "$d" ] && [ -r "$d" ] && [ "$a" ]; then
  s_v sum "$("${a}sum" <"$d" | { read -r h _; printf %s "$h"; })"
fi
if [ "$n" ] && s_which file; then
  s_v mime "$(file -b --mime-type --mime-encoding "$d" 2>/dev/null)"
fi
