f_touch() {
  if [ $S = absent ]; then
    C=1
    s_note state absent touch
    if [ "$K" ]; then s_v s:dest "$d"; return; fi
    E=$( { : >"$d"; } 2>&1) || s_die "Error, could not touch target: $E"
  fi
  [ ! -L "$d" ] || [ -z "$fl" ] || d=$(readlink -f "$d")
  s_attr "$d"
  f_times "$d"
  s_info "$d" dest
}
