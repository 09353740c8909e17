# Packs the positional parameters, which may be patterns. d: the archive, fm: its kind,
# re: remove what was packed.
IFS=
x=
for a; do
  for f in $a; do
    if [ -e "$f" ] || [ -L "$f" ]; then
      s_v a:archived "$f"
      case $f in /*) ;; *) f=$PWD/$f ;; esac
      x="$x$f
"
    else s_v a:missing "$a"
    fi
  done
done
IFS='
'
set -f
set -- $x
set +f
IFS=' 	
'
if [ $# = 0 ]; then
  if [ -e "$d" ]; then s_attr "$d"; s_info "$d" dest; s_end; fi
  s_die "Error, no source paths were found"
fi
# One path is packed as what it is; several from where they part.
if [ $# = 1 ]; then r=${1%/*}
else
  r=${1%/*}
  for f; do
    while case $f in "$r"/*) false ;; esac; do r=${r%/*}; done
  done
fi
s_v s:arcroot "${r:-/}/"
i=$#
while [ $i -gt 0 ]; do
  f=${1#"$r/"}
  case $f in -*) f=./$f ;; esac
  shift
  set -- "$@" "$f"
  i=$((i-1))
done
s_parent "$d"
[ -d "$p" ] || s_die "there is no directory $p"
case $d in /*) ;; *) d=$PWD/$d ;; esac
s_parent "$d"
# What tar makes of the same files is the same; what packs it adds a time at most.
a_sum() {
  sha256sum | { read -r h _; printf %s "$h"; }
}
a_pack() {
  case $fm in
  gz) gzip -n ;;
  bz2) bzip2 ;;
  xz) xz ;;
  tar) cat ;;
  esac
}
o=
if [ "$fm" = zip ]; then
  s_which zip || s_die "there is no zip on this host"
  if [ -f "$d" ] && [ -z "$( cd "${r:-/}" && find "$@" -newer "$d" 2>/dev/null )" ]; then o=1; fi
elif [ -f "$d" ]; then
  case $fm in
  gz) q=$(gzip -dc "$d" 2>/dev/null | a_sum) ;;
  bz2) q=$(bzip2 -dc "$d" 2>/dev/null | a_sum) ;;
  xz) q=$(xz -dc "$d" 2>/dev/null | a_sum) ;;
  tar) q=$(a_sum <"$d") ;;
  esac
  [ "$q" != "$(cd "${r:-/}" && a_tar "$@" 2>/dev/null | a_sum)" ] || o=1
fi
if [ "$o" ]; then s_attr "$d"
else
  C=1
  if [ -z "$K" ]; then
    s_tmp "$p"
    if [ "$fm" = zip ]; then
      rm -f "$T"
      T=$T.zip
      E=$(cd "${r:-/}" && zip -q -r "$T" "$@" 2>&1) || s_die "$E"
    else
      E=$( { cd "${r:-/}" && a_tar "$@" | a_pack >"$T"; } 2>&1) || s_die "$E"
      [ -s "$T" ] || s_die "nothing was packed: $E"
    fi
    s_put "$d"
  fi
fi
if [ "$re" ]; then
  C=1
  [ "$K" ] || ( cd "${r:-/}" && rm -rf "$@" ) || s_die "Unable to remove what was packed"
fi
s_info "$d" dest
