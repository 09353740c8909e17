f_hard() {
  s_v s:src "$sr"
  [ -e "$sr" ] || s_die "src does not exist"
  i=$(stat -c %i "$sr")
  case $S in
  absent) C=1 ;;
  link) [ "$(readlink "$d")" = "$sr" ] || C=1 ;;
  hard)
    if [ "$(stat -c %i "$d")" != "$i" ]; then
      C=1
      [ "$fo" ] || s_die "Cannot link, different hard link exists at destination"
    fi ;;
  file) C=1; [ "$fo" ] || s_die "Cannot link, $S exists at destination" ;;
  directory) s_die "Cannot link: different hard link exists at destination" ;;
  esac
  [ $C = 0 ] || s_note state $S hard
  if [ $C = 1 ] && [ -z "$K" ]; then
    [ -z "$fl" ] || [ ! -L "$sr" ] || sr=$(readlink -f "$sr")
    if [ $S = absent ]; then E=$(ln "$sr" "$d" 2>&1) || s_die "Error while linking: $E"
    else
      s_parent "$d"
      T=$(mktemp -d "$p/.swarmctl.XXXXXX" 2>&1) || { E=$T T=; s_die "Error while replacing: $E"; }
      trap s_rm EXIT
      E=$(ln "$sr" "$T/l" 2>&1) && E=$(mv -f "$T/l" "$d" 2>&1) || s_die "Error while replacing: $E"
    fi
  fi
  if [ "$K" ] && [ ! -e "$d" ]; then s_v s:dest "$d"; return; fi
  s_attr "$d"
  s_info "$d" dest
}
