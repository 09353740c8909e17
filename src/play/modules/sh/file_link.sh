f_link() {
  s_v s:src "$sr"
  if [ ! -L "$d" ] && [ -d "$d" ]; then p=$d; else s_parent "$d"; fi
  case $sr in /*) a=$sr ;; *) a=$p/$sr ;; esac
  [ "$fo" ] || [ -e "$a" ] || s_die "src file does not exist, use 'force=yes' if you really want to create the link: $a"
  case $S in
  directory)
    [ "$fo" ] || s_die "refusing to convert from $S to symlink for $d"
    [ -z "$(ls -A "$d")" ] || s_die "the directory $d is not empty, refusing to convert it" ;;
  file|hard) [ "$fo" ] || s_die "refusing to convert from $S to symlink for $d" ;;
  esac
  if [ $S = link ]; then
    o=$(readlink "$d")
    if [ "$o" != "$sr" ]; then C=1; s_note src "$o" "$sr"; fi
  else
    C=1
    s_note state $S link
  fi
  if [ $C = 1 ] && [ -z "$K" ]; then
    if [ $S = absent ]; then E=$(ln -s "$sr" "$d" 2>&1) || s_die "Error while linking: $E"
    else
      s_parent "$d"
      [ $S != directory ] || E=$(rmdir "$d" 2>&1) || s_die "Error while replacing: $E"
      T=$(mktemp -d "$p/.swarmctl.XXXXXX" 2>&1) || { E=$T T=; s_die "Error while replacing: $E"; }
      trap s_rm EXIT
      E=$(ln -s "$sr" "$T/l" 2>&1) || s_die "Error while replacing: $E"
      # A link to a directory must not be moved into.
      if E=$(mv -fT "$T/l" "$d" 2>&1); then :
      else rm -f "$d" && E=$(mv -f "$T/l" "$d" 2>&1) || s_die "Error while replacing: $E"
      fi
    fi
    [ "$(readlink "$d")" = "$sr" ] || s_die "$d is no link to $sr after it was made"
  fi
  if [ "$K" ] && [ ! -e "$d" ]; then s_v s:dest "$d"; return; fi
  if [ -L "$d" ] && [ "$fl" ]; then
    if [ -e "$d" ]; then s_attr "$(readlink -f "$d")"
    elif [ "$WO$WG$WM" ]; then s_warn "Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this."
    fi
  else
    s_attr "$d"
  fi
  s_info "$d" dest
}
