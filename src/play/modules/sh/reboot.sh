# Restarts the host a moment after the report is out. de: delay, rc: command, bc: what
# tells one boot from another, ms: message.
C=1
s_v s:boot_id "$(sh -c "$bc" 2>/dev/null)"
[ -z "$K" ] || s_end
if [ -z "$rc" ]; then
  if s_which systemctl && [ -d /run/systemd/system ]; then rc='systemctl reboot'
  elif s_which shutdown; then rc='shutdown -r now'
  elif s_which reboot; then rc=reboot
  else s_die "there is neither shutdown nor reboot on this host"
  fi
fi
if s_which wall; then wall "$ms" >/dev/null 2>&1 </dev/null; fi
# It must outlive this shell and hold none of its files.
s_which setsid && w=setsid || w=
S_C=$rc S_D=$((de+1)) $w nohup sh -c 'sleep "$S_D"; eval "$S_C"' >/dev/null 2>&1 </dev/null &
