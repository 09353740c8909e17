# df: default policy (di: of which traffic), ru: there is a rule, lg: logging, st: state.
LC_ALL=C
export LC_ALL
s_which ufw || {
  [ "$K" ] || s_die "Failed to find required executable \"ufw\" in paths: $PATH"
  s_warn "there is no ufw yet"
  C=1
  s_end
}
# ufw takes --force for everything but the rules that it adds.
u_ufw() {
  case $1 in default|delete|disable|enable|logging|reload|reset) set -- -f "$@" ;; esac
  E=$(ufw ${K:+--dry-run} "$@" 2>&1 </dev/null) || s_die "$E"
}
# Sets w to the value of a variable in a file of ufw's.
u_var() {
  w=
  while IFS='=' read -r a b; do
    [ "$a" != "$2" ] || { w=${b#\"}; w=${w%\"}; }
  done <"$1"
}
if [ "$df" ]; then
  case $di in
  incoming) v=DEFAULT_INPUT_POLICY ;;
  outgoing) v=DEFAULT_OUTPUT_POLICY ;;
  routed) v=DEFAULT_FORWARD_POLICY ;;
  esac
  u_var /etc/default/ufw $v
  case $w in DROP) w=deny ;; ACCEPT) w=allow ;; REJECT) w=reject ;; esac
  if [ "$w" != "$df" ]; then
    C=1
    s_note "default $di" "$w" "$df"
    [ "$K" ] || u_ufw default "$df" "$di"
  fi
fi
if [ "$ru" ]; then
  u_rule
  if [ "$K" ]; then
    # It prints the rules as they would be, of each family that has to do with it.
    set --
    case $E in *:ufw-user-input*) set -- /etc/ufw/user.rules ;; esac
    case $E in *:ufw6-user-input*) set -- "$@" /etc/ufw/user6.rules ;; esac
    a=$(printf '%s\n' "$E" | grep '^### tuple')
    b=
    [ $# = 0 ] || b=$(cat "$@" 2>/dev/null | grep '^### tuple')
    if [ "$a" != "$b" ]; then
      C=1
      s_note rules "$b" "$a"
    fi
  else
    # ufw says of each family whether there was anything to do.
    while IFS= read -r l; do
      case $l in
      'Rule '*|'Rules '*) C=1; s_note rule '' "$l" ;;
      esac
    done <<Q
$E
Q
  fi
fi
if [ "$lg" ]; then
  u_var /etc/ufw/ufw.conf LOGLEVEL
  case $lg:$w in
  "$w:$lg"|on:low|on:medium|on:high|on:full) ;;
  *)
    C=1
    s_note logging "$w" "$lg"
    [ "$K" ] || u_ufw logging "$lg" ;;
  esac
fi
if [ "$st" ]; then
  u_var /etc/ufw/ufw.conf ENABLED
  case $st in
  enabled)
    if [ "$w" != yes ]; then C=1; s_note state disabled enabled; [ "$K" ] || u_ufw enable; fi ;;
  disabled)
    if [ "$w" = yes ]; then C=1; s_note state enabled disabled; [ "$K" ] || u_ufw disable; fi ;;
  reloaded) C=1; [ "$K" ] || u_ufw reload ;;
  reset) C=1; [ "$K" ] || u_ufw reset ;;
  esac
fi
[ "$K" ] || s_v msg "$(ufw status verbose 2>&1)"
