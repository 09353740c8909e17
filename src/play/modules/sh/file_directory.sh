# Makes a directory with all above it; the new ones get the attributes.
f_mkdir() {
  if [ -d "$1" ]; then return 0; fi
  case $1 in
  */*)
    case ${1%/*} in
    ''|.|..) ;;
    *) f_mkdir "${1%/*}" ;;
    esac ;;
  esac
  E=$(mkdir "$1" 2>&1) || [ -d "$1" ] || s_die "There was an issue creating $1 as requested: $E"
  s_attr "$1"
}

# Sets the attributes of everything below a directory. Differences are looked for in
# one walk; what differs is set one by one.
f_below() {
  [ "$WO$WG$WM" ] || return 0
  s_work
  find "$1" -mindepth 1 -exec stat -c '%a %u %g %U %G:%n' {} + >"$T/l" 2>/dev/null
  # A name with a newline in it would be cut: such trees are walked name by name.
  if [ "$(find "$1" -mindepth 1 -print0 | tr -dc '\0' | wc -c)" -ne "$(wc -l <"$T/l")" ]; then
    f_walk "$1"
    return
  fi
  while IFS= read -r l; do
    n=${l#*:}
    set -- ${l%%:*}
    m=$1 u=$2 g=$3 U=$4 G=$5
    t=
    [ -L "$n" ] || [ ! -d "$n" ] || t=1
    s_want "$t"
    # Links have no mode.
    [ ! -L "$n" ] || xm=
    if [ "$xo$xg$xm" ]; then s_attr "$n"; fi
    if [ -L "$n" ] && [ "$fl" ] && [ -e "$n" ]; then s_attr "$(readlink -f "$n")"; fi
  done <"$T/l"
}

f_walk() {
  for n in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$n" ] || [ -L "$n" ] || continue
    s_attr "$n"
    [ -L "$n" ] || [ ! -d "$n" ] || f_walk "$n"
  done
}

f_directory() {
  case $d in ?*/) d=${d%/} ;; esac
  f_follow
  case $S in
  absent)
    C=1
    s_note state absent directory
    if [ -z "$K" ]; then
      f_mkdir "$d"
      [ -d "$d" ] || s_die "$d is not there after it was made"
    fi ;;
  directory)
    s_attr "$d"
    f_times "$d"
    [ -z "$rc" ] || f_below "$d" ;;
  *) s_v s:path "$d"; s_die "$d already exists as a $S" ;;
  esac
  s_info "$d" path
}
