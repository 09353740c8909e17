# ho po: host and port, d: file, st: state, rx: text, to ct de sl: seconds, ms: message.
[ -z "$K" ] || { s_v skipped 1; s_v msg "remote module (wait_for) does not support check mode"; s_end; }
w_now() {
  read -r t _ </proc/uptime
  t=${t%%.*}
}
# True when the port takes a connection.
w_open() {
  if [ "$w" = bash ]; then timeout "$ct" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$ho" "$po" 2>/dev/null </dev/null
  elif [ "$w" = nc ]; then nc -z -w "$ct" "$ho" "$po" >/dev/null 2>&1 </dev/null
  else
    curl -s -q --max-time "$ct" -o /dev/null "telnet://$ho:$po" </dev/null >/dev/null 2>&1
    case $? in 7|6) return 1 ;; esac
  fi
}
w_done() {
  if [ "$po" ]; then
    case $st in
    started|present) w_open ;;
    *) ! w_open ;;
    esac
  elif [ "$d" ]; then
    case $st in
    started|present)
      [ -e "$d" ] || return 1
      [ -z "$rx" ] || grep -Eq -e "$rx" "$d" 2>/dev/null ;;
    *)
      if [ "$rx" ]; then ! grep -Eq -e "$rx" "$d" 2>/dev/null
      else [ ! -e "$d" ]
      fi ;;
    esac
  else return 1
  fi
}
if [ "$po" ]; then
  if s_which bash && s_which timeout; then w=bash
  elif s_which nc; then w=nc
  elif s_which curl; then w=curl
  else s_die "there is no bash, nc or curl on this host"
  fi
fi
k=$w
w_now
b=$t
[ "$de" = 0 ] || sleep "$de"
if [ -z "$po$d" ]; then
  sleep "$to"
  s_v i:elapsed "$((to+de))"
  s_end
fi
while :; do
  w=$k
  if w_done; then
    w_now
    s_v i:elapsed $((t-b))
    [ -z "$d" ] || s_info "$d" path
    s_end
  fi
  w_now
  if [ $((t-b)) -ge $((to+de)) ]; then
    s_v i:elapsed $((t-b))
    case ${po:+port}$st in
    port*) s_die "${ms:-Timeout when waiting for $ho:$po}" ;;
    *) s_die "${ms:-Timeout when waiting for file $d}" ;;
    esac
  fi
  sleep "$sl"
done
