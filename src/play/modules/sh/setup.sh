# Tells what the host is. fp: directory of facts of its own. Files are read by the shell
# where that saves a process.
LC_ALL=C
export LC_ALL
f_read() {
  v=
  { read -r v <"$2"; } 2>/dev/null
  [ -z "$v" ] || s_v "$1" "$v"
}
s_r os-release
cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null
f_read debian-version /etc/debian_version
f_read ostype /proc/sys/kernel/ostype
f_read nodename /proc/sys/kernel/hostname
f_read kernel /proc/sys/kernel/osrelease
f_read kernel-version /proc/sys/kernel/version
s_v machine "$(uname -m)"
f_read machine-id /etc/machine-id
f_read cmdline /proc/cmdline
f_read uptime /proc/uptime
f_read loadavg /proc/loadavg
f_read init /proc/1/comm
f_read fips /proc/sys/crypto/fips_enabled
f_read apparmor /sys/module/apparmor/parameters/enabled
for x in product_name product_version product_uuid product_serial sys_vendor bios_date bios_vendor bios_version board_name board_vendor board_version board_serial board_asset_tag chassis_vendor chassis_version chassis_serial chassis_asset_tag; do
  if [ -r /sys/class/dmi/id/$x ]; then f_read "dmi $x" /sys/class/dmi/id/$x; fi
done
s_r meminfo
grep -E '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree|SwapCached):' /proc/meminfo
s_v cpus "$(grep -c '^processor' /proc/cpuinfo)"
s_r cpuinfo
grep -E '^(vendor_id|model name|physical id|cpu cores|siblings|flags)' /proc/cpuinfo | sort -u | cut -c1-2000
if s_which nproc; then s_v nproc "$(nproc)"; fi
if s_which ip; then
  s_r addresses
  ip -o addr 2>/dev/null
  s_r route4
  ip -4 route show default 2>/dev/null
  s_r route6
  ip -6 route show default 2>/dev/null
fi
s_r links
for d in /sys/class/net/*; do
  [ -e "$d/address" ] || continue
  a= b= c= e=
  { read -r a <"$d/address"; read -r b <"$d/mtu"; read -r c <"$d/operstate"; read -r e <"$d/type"; } 2>/dev/null
  x=
  [ ! -d "$d/bridge" ] || x=bridge
  [ ! -d "$d/bonding" ] || x=bonding
  printf '%s %s %s %s %s %s\n' "${d##*/}" "${a:--}" "${b:-0}" "${c:--}" "${e:-0}" "$x"
done
s_r resolv
grep -E '^(nameserver|search|domain)' /etc/resolv.conf 2>/dev/null
s_r mounts
grep -E '^(/|[^ ]*:/|[^ ]+ [^ ]+ (virtiofs|9p|zfs|nfs|cifs)[^ ]* )' /proc/mounts
s_r df
df -P -k 2>/dev/null
s_v user "$(id -u) $(id -g) $(id -un)"
f=$(getent passwd "$(id -u)" 2>/dev/null || { while IFS= read -r l; do case $l in "$(id -un):"*) printf '%s' "$l" ;; esac; done </etc/passwd; })
s_v passwd "$f"
s_v effective "$(id -u) $(id -g)"
s_r env
env
s_v date "$(date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%Z|%z')"
w=
if s_which timeout; then w=$(timeout 2 hostname -f 2>/dev/null); fi
s_v fqdn "$w"
if s_which systemd-detect-virt; then
  s_v virt "$(systemd-detect-virt 2>/dev/null)"
  s_v virt-container "$(systemd-detect-virt -c 2>/dev/null)"
fi
[ ! -e /.dockerenv ] || s_v docker 1
[ ! -d /run/systemd/system ] || s_v systemd 1
[ ! -d /run/openrc ] || s_v openrc 1
for x in apt-get dnf5 dnf yum zypper pacman apk; do
  if s_which $x; then s_v pkg "$x"; break; fi
done
for x in python3 python; do
  if s_which $x; then s_v python "$w"; s_v python-version "$("$w" -V 2>&1)"; break; fi
done
s_r ssh-keys
for x in /etc/ssh/ssh_host_*_key.pub; do
  if [ -r "$x" ]; then cat "$x"; fi
done
if [ -d "$fp" ]; then
  m=
  for x in "$fp"/*.fact; do
    [ -f "$x" ] || continue
    n=${x##*/}
    n=${n%.fact}
    s_r "local $n"
    if [ -x "$x" ]; then "$x" 2>/dev/null </dev/null; else cat "$x"; fi
    m="$m$n
"
  done
  s_v local-names "$m"
fi
