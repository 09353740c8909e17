# n: unit, st: state, en ma: 1 or 0, dr: reload, dx: reexec, sc: scope, fo: force, nb.
LC_ALL=C
export LC_ALL
s_which systemctl || s_die "Failed to find required executable \"systemctl\" in paths: $PATH"
if [ -z "${XDG_RUNTIME_DIR-}" ]; then
  XDG_RUNTIME_DIR=/run/user/$(id -u)
  export XDG_RUNTIME_DIR
fi
y_ctl() {
  set -- ${fo:+--force} ${nb:+--no-block} "$@"
  [ "$sc" = system ] || set -- "--$sc" "$@"
  systemctl --no-ask-password "$@" 2>&1
}
y_do() {
  C=1
  [ -z "$K" ] || return 0
  E=$(y_ctl "$1" "$n") || s_die "Unable to $1 service $n: $E"
}
if [ -z "$K" ]; then
  if [ "$dr" ]; then E=$(y_ctl daemon-reload) || s_die "failure $? during daemon-reload: $E"; fi
  if [ "$dx" ]; then E=$(y_ctl daemon-reexec) || s_die "failure $? during daemon-reexec: $E"; fi
fi
[ "$n" ] || s_end
ls= as= us= le=
q=$(y_ctl show -p LoadState,ActiveState,SubState,UnitFileState,LoadError,MainPID,FragmentPath,Result "$n") || s_die "$q"
while IFS='=' read -r a b; do
  case $a in
  LoadState) ls=$b ;;
  ActiveState) as=$b ;;
  UnitFileState) us=$b ;;
  LoadError) le=$b; continue ;;
  '') continue ;;
  esac
  s_v "s:status.$a" "$b"
done <<Q
$q
Q
[ -z "$le" ] || [ "$ls" = masked ] || [ "$ls" = not-found ] || s_die "Error loading unit file '$n': $le"
y_found() {
  [ "$ls" != not-found ] || [ -x "/etc/init.d/$n" ] || {
    [ "$K" ] || s_die "Could not find the requested service $n: host"
    # A task before may bring it.
    s_warn "there is no unit $n yet"
    C=1
    s_end
  }
}
if [ "$ma" ]; then
  a=0
  [ "$(y_ctl is-enabled "$n")" != masked ] || a=1
  if [ $a != "$ma" ]; then
    s_note masked $a "$ma"
    if [ "$ma" = 1 ]; then y_do mask; else y_do unmask; fi
  fi
fi
if [ "$en" ]; then
  y_found
  a=0
  if q=$(y_ctl is-enabled "$n"); then
    case ${q##*
} in
    enabled-runtime|indirect|alias) ;;
    *) a=1 ;;
    esac
  fi
  if [ $a != "$en" ]; then
    s_note enabled $a "$en"
    if [ "$en" = 1 ]; then y_do enable; else y_do disable; fi
  fi
  s_v b:enabled "$en"
fi
if [ "$st" ]; then
  y_found
  a=
  case $as in active|activating) r=1 ;; *) r= ;; esac
  case $st in
  started) [ "$r" ] || a=start ;;
  stopped) [ -z "$r" ] && [ "$as" != deactivating ] || a=stop ;;
  restarted) if [ "$r" ]; then a=restart; else a=start; fi ;;
  reloaded) if [ "$r" ]; then a=reload; else a=start; fi ;;
  esac
  if [ "$a" ]; then
    s_note state "$as" "$st"
    y_do "$a"
  fi
  case $st in stopped) s_v s:state stopped ;; *) s_v s:state started ;; esac
fi
