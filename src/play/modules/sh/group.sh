# n: name, ab: absent, gi: number, sy: system, nu: not unique, fo: force.
g_look() {
  w=
  while IFS=: read -r l _ i _; do
    [ "$l" != "$n" ] || { w=$i; return; }
  done </etc/group
}
g_run() {
  C=1
  [ -z "$K" ] || return 0
  E=$("$@" 2>&1) || s_die "$E"
}
g_look
if [ "$ab" ]; then
  [ -z "$w" ] || g_run groupdel ${fo:+-f} "$n"
  s_end
fi
if [ -z "$w" ]; then g_run groupadd ${gi:+-g "$gi"} ${nu:+-o} ${sy:+-r} "$n"
elif [ "$gi" ] && [ "$gi" != "$w" ]; then
  s_note gid "$w" "$gi"
  g_run groupmod -g "$gi" ${nu:+-o} "$n"
fi
g_look
[ -z "$w" ] || s_v i:gid "$w"
s_v b:system "$sy"
