LC_ALL=C
export LC_ALL
if s_which systemctl && [ -d /run/systemd/system ]; then
  s_r units
  systemctl list-units --no-pager --no-legend --plain --all --type service 2>/dev/null
  s_r files
  systemctl list-unit-files --no-pager --no-legend --type service 2>/dev/null
else
  s_r scripts
  for x in /etc/init.d/*; do
    [ ! -x "$x" ] || printf '%s\n' "${x##*/}"
  done
fi
