# Decides by state. d: the path, st: the wanted state, sr: a link's target (hs: given),
# rc: recurse, fo: force, fl: follow, mt xt: times.

# Sets times when they differ: the path. Times of `now` always differ.
f_times() {
  [ "$mt$xt" != preservepreserve ] || return 0
  t=
  for z in m:$mt a:$xt; do
    case $z in
    *:preserve) ;;
    *:now) t=1 ;;
    m:*) [ "$(date -r "$1" +%Y%m%d%H%M.%S)" = "$mt" ] || t=1 ;;
    a:*) [ "$(date -d "@$(stat -c %X "$1")" +%Y%m%d%H%M.%S)" = "$xt" ] || t=1 ;;
    esac
  done
  [ "$t" ] || return 0
  C=1
  [ -z "$K" ] || return 0
  case $mt in
  preserve) ;;
  now) E=$(touch -c -m "$1" 2>&1) || s_die "Error while updating modification or access time: $E" ;;
  *) E=$(touch -c -m -t "$mt" "$1" 2>&1) || s_die "Error while updating modification or access time: $E" ;;
  esac
  case $xt in
  preserve) ;;
  now) E=$(touch -c -a "$1" 2>&1) || s_die "Error while updating modification or access time: $E" ;;
  *) E=$(touch -c -a -t "$xt" "$1" 2>&1) || s_die "Error while updating modification or access time: $E" ;;
  esac
}

# Follows a link, when that is wanted.
f_follow() {
  [ "$fl" ] && [ "$S" = link ] || return 0
  E=$(readlink -f "$d") || E=$d
  d=$E
  s_state "$d"
}

# Attributes of a file that is there.
f_file() {
  f_follow
  case $S in
  file|hard) ;;
  *) s_v s:state "$S"; s_v s:path "$d"; s_die "file ($d) is $S, cannot continue" ;;
  esac
  s_attr "$d"
  f_times "$d"
  s_info "$d" path
}

f_absent() {
  if [ $S != absent ]; then
    C=1
    s_note state $S absent
    if [ -z "$K" ]; then
      if [ $S = directory ]; then E=$(rm -rf "$d" 2>&1) || s_die "rmtree failed: $E"
      else E=$(rm -f "$d" 2>&1) || s_die "unlinking failed: $E"
      fi
      [ ! -e "$d" ] && [ ! -L "$d" ] || s_die "$d is still there after it was removed"
    fi
  fi
  s_v s:state absent
  s_v s:path "$d"
}

s_state "$d"
if [ -z "$st" ]; then
  case $S in
  absent) st=file; [ -z "$rc" ] || st=directory ;;
  *) st=$S ;;
  esac
  [ -z "$rc" ] || [ $st = directory ] || s_die "recurse option requires state to be 'directory'"
fi
case $st in
absent) f_absent ;;
directory) f_directory ;;
file) f_file ;;
hard) if [ "$hs" ]; then f_hard; else f_file; fi ;;
touch) f_touch ;;
link)
  if [ "$hs" ]; then f_link
  else
    [ $S = link ] || s_die "src is required for creating new symlinks"
    if [ "$fl" ] && [ -e "$d" ]; then s_attr "$(readlink -f "$d")"
    elif [ -z "$fl" ]; then s_attr "$d"
    fi
    s_info "$d" dest
  fi ;;
esac
