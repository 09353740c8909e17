# Without systemd. n: service, st: state, en: 1 or 0, sl: pause of a restart.
v_found() {
  [ -x "/etc/init.d/$n" ] || {
    [ "$K" ] || s_die "Could not find the requested service $n: host"
    s_warn "there is no service $n yet"
    C=1
    s_end
  }
}
# What a daemon is started with must not be kept open by it.
v_do() {
  C=1
  [ -z "$K" ] || return 0
  s_work
  if s_which rc-service; then rc-service "$n" "$1" >"$T/o" 2>&1 </dev/null
  else "/etc/init.d/$n" "$1" >"$T/o" 2>&1 </dev/null
  fi || s_die "Unable to $1 service $n: $(cat "$T/o")"
}
v_found
if [ "$en" ]; then
  a=0
  if s_which rc-update; then
    rc-update show default 2>/dev/null | grep -q "^ *$n |" && a=1
    if [ $a != "$en" ]; then
      C=1
      if [ "$en" = 1 ]; then q=add; else q=del; fi
      [ "$K" ] || E=$(rc-update $q "$n" default 2>&1) || s_die "$E"
    fi
  else
    s_glob "/etc/rc[2345].d/S??$n" && a=1
    if [ $a != "$en" ]; then
      C=1
      if [ "$en" = 1 ]; then q=defaults; r=enable; else q=defaults; r=disable; fi
      if [ -z "$K" ]; then
        E=$(update-rc.d "$n" $q 2>&1) && E=$(update-rc.d "$n" $r 2>&1) || s_die "$E"
      fi
    fi
  fi
  s_v b:enabled "$en"
fi
if [ "$st" ]; then
  r=
  "/etc/init.d/$n" status >/dev/null 2>&1 </dev/null && r=1
  case $st in
  started) [ "$r" ] || v_do start ;;
  stopped) [ -z "$r" ] || v_do stop ;;
  restarted) if [ "$r" ]; then if [ "$sl" ]; then v_do stop; [ "$K" ] || sleep "$sl"; v_do start; else v_do restart; fi; else v_do start; fi ;;
  reloaded) if [ "$r" ]; then v_do reload; else v_do start; fi ;;
  esac
  case $st in stopped) s_v s:state stopped ;; *) s_v s:state started ;; esac
fi
