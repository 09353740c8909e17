# un: the user, md: care for the directory. Sets d, the file, and who owns it.
pu=
while IFS=: read -r l _ i g _ h _; do
  [ "$l" != "$un" ] || { pu=$i pg=$g ph=$h; break; }
done </etc/passwd
if [ -z "$pu" ]; then
  f=$(getent passwd "$un" 2>/dev/null)
  if [ "$f" ]; then
    IFS=: read -r _ _ pu pg _ ph _ <<U
$f
U
  elif [ "$K" ]; then
    s_warn "there is no user $un yet"
    C=1
    s_end
  else s_die "Failed to lookup user $un"
  fi
fi
[ "$d" ] || d=$ph/.ssh/authorized_keys
if [ "$I" ] && [ "$H" ] && [ -z "$K" ]; then
  WM=1
  s_mode() { wm=600; }
  if [ "$(id -u)" = 0 ]; then WO=$pu WG=$pg; fi
  if [ "$md" ]; then
    s_parent "$d"
    E=$(mkdir -p "$p" 2>&1) && E=$(chmod 700 "$p" 2>&1) || s_die "$E"
    [ -z "$WO" ] || E=$(chown "$pu:$pg" "$p" 2>&1) || s_die "$E"
  fi
fi
