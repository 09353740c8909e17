# Takes a change back unless it is confirmed in time. $1: directory, $2: arming,
# $3: seconds. Whoever makes KEPT first decides.
trap '' HUP INT
d=$1/saved
i=0
while [ "$i" -lt "$3" ]; do
  sleep 1
  i=$((i+1))
  [ ! -d "$1/$2.kept" ] || exit 0
done
mkdir "$1/$2.kept" 2>/dev/null || exit 0
for f in "$d"/*.path; do
  [ -e "$f" ] || continue
  IFS= read -r p <"$f"
  c=${f%.path}
  if [ -e "$c" ] || [ -L "$c" ]; then
    rm -rf "$p.swarmctl-back"
    cp -a "$c" "$p.swarmctl-back" && rm -rf "$p" && mv "$p.swarmctl-back" "$p"
  else
    rm -rf "$p"
  fi
done
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
while IFS= read -r p; do
  if [ -d /run/systemd/system ]; then
    systemctl reset-failed "$p" 2>/dev/null
    systemctl restart "$p"
  else
    "/etc/init.d/$p" restart
  fi
done <"$d/services"
# Last, since a service may have loaded its own rules. No rules are rules, too.
if [ -e "$d/nft" ] && ! grep -q 'xt ' "$d/nft"; then
  { echo 'flush ruleset'; cat "$d/nft"; } | nft -f -
else
  for f in v4:iptables v6:ip6tables; do
    [ -e "$d/${f%%:*}" ] || continue
    {
      grep -q '^\*filter' "$d/${f%%:*}" ||
        printf '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'
      cat "$d/${f%%:*}"
    } | "${f#*:}-restore"
  done
fi
: >"$1/$2.taken"
rm -rf "$d"
