# url, d: dest, n: the name in a directory, al ck: checksum, fo: force, b: keep a copy.
[ ! -d "$d" ] || d=${d%/}/$n
case $d in */) s_die "Destination ${d%/} does not exist" ;; esac
[ ! -L "$d" ] || [ ! -e "$d" ] || d=$(readlink -f "$d")
s_parent "$d"
u_sum() {
  "${1}sum" <"$2" | { read -r h _; printf %s "$h"; }
}
case $ck in
*://*)
  s_work
  s_fetch "$ck" "$T/sums"
  g=
  k=0
  while read -r a b; do
    k=$((k+1))
    b=${b#\*}
    b=${b#./}
    if [ "$b" = "$n" ]; then g=$a; break; fi
    case "$a $b" in
    *" ($n) = "*) g=${b##* }; break ;;
    esac
    y=$a z=$b
  done <"$T/sums"
  [ "$g" ] || [ $k != 1 ] || [ "$z" ] || g=$y
  [ "$g" ] || s_die "Unable to find a checksum for file '$n' in '$ck'"
  ck=$g
  rm -rf "$T"
  T= ;;
esac
if [ -f "$d" ] && [ -z "$fo" ]; then
  if [ "$ck" ]; then
    if [ "$(u_sum "$al" "$d")" = "$ck" ]; then
      s_attr "$d"
      s_v msg "file already exists"
      s_info "$d" dest
      s_end
    fi
  else fz=$d
  fi
fi
if [ ! -d "$p" ]; then
  if [ "$K" ]; then C=1; s_v s:dest "$d"; s_end; fi
  s_die "Destination $p does not exist"
fi
if [ "$K" ] && [ ! -e "$d" ]; then
  # Whether it can be fetched is worth knowing; what it holds is not.
  fm=-I
  s_fetch "$url" /dev/null
  C=1
  s_v i:status_code "${fs:-0}"
  s_v s:dest "$d"
  s_end
fi
if [ "$K" ]; then
  s_work
  W=$T
  T=$W/f
  true >"$T"
else s_tmp "$p"
fi
s_fetch "$url" "$T"
[ "$fs" = 000 ] || s_v i:status_code "$fs"
if [ "$fs" = 304 ] || { [ "${fz-}" ] && [ ! -s "$T" ]; }; then
  rm -f "$T"
  T=
  s_attr "$d"
  s_info "$d" dest
  s_end
fi
if [ "$ck" ]; then
  h=$(u_sum "$al" "$T")
  [ "$h" = "$ck" ] || s_die "The checksum for $url did not match $ck; it was $h."
fi
h=$(u_sum sha1 "$T")
s_v s:checksum_src "$h"
if [ -f "$d" ] && [ "$(u_sum sha1 "$d")" = "$h" ]; then
  rm -f "$T"
  T=
  s_attr "$d"
else
  C=1
  if [ "$K" ]; then s_v s:dest "$d"; s_end; fi
  [ -z "$b" ] || [ ! -e "$d" ] || s_backup "$d"
  s_put "$d"
fi
s_v s:checksum_dest "$h"
s_info "$d" dest
