# Puts content in a place. d: dest, n: the source's name, H: the content's SHA-256,
# fo: force, fl: follow, b: keep a copy, dm: new directories have a mode of their own.

# Makes a directory with all above it.
c_mkdir() {
  [ ! -d "$1" ] || return 0
  case $1 in */*) [ -z "${1%/*}" ] || c_mkdir "${1%/*}" ;; esac
  E=$(mkdir "$1" 2>&1) || s_die "Could not copy to $d: $E"
  if [ "$dm" ]; then
    s_st "$1"
    c_dirmode "$m" 1
    E=$(chmod "00$wm" "$1" 2>&1) || s_die "chmod failed: $E"
  fi
  [ -z "$WO$WG" ] || { k=$WM; WM=; s_attr "$1"; WM=$k; }
}

o=$d
k=
case $d in
*/) k=${d%/}; d=$d$n ;;
*)
  if [ -d "$d" ]; then
    [ "$n" ] || s_die "can not use content with a dir as dest"
    d=$d/$n
  fi ;;
esac
[ ! -d "$d" ] || s_die "Destination $d is a directory"
[ -z "$fl" ] || [ ! -L "$d" ] || [ ! -e "$d" ] || d=$(readlink -f "$d")
e=
if [ -e "$d" ] || [ -L "$d" ]; then
  [ "$fo" ] || { s_v s:dest "$d"; s_end; }
  e=1
fi
if [ "$e" ] && [ ! -L "$d" ] && [ -f "$d" ] && s_is "$d" "$H"; then
  s_attr "$d"
else
  s_want_content
  C=1
  if [ -L "$d" ]; then s_v before ''; else s_before "$d"; fi
  if [ -z "$K" ]; then
    [ -z "$k" ] || c_mkdir "$k"
    s_parent "$d"
    [ -d "$p" ] || s_die "Destination directory $p does not exist"
    [ -z "$b" ] || [ ! -e "$d" ] || s_backup "$d"
    if [ -e "$d" ]; then s_tmp "$p"; else s_tmp "$p" new; fi
    c_write || s_die "the content was cut short on its way (is the disk full?)"
    # What the shell itself wrote has its length looked at when it is put in place.
    [ "${s_len-}" ] && [ "$il${_sw_t+x}" ] || s_same "$H"
    s_put "$d"
  elif [ "$e" ] && [ ! -L "$d" ]; then s_attr "$d"
  elif [ -z "$k" ]; then
    s_parent "$d"
    [ -d "$p" ] || s_warn "there is no directory $p yet"
  fi
fi
s_info "$d" dest
