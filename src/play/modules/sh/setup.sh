# Tells what plays ask of a host, a line for each fact: name, a blank, value.
s_r facts
f() { printf '%s %s\n' "$1" "$2"; }
f system "$(uname -s)"
f kernel "$(uname -r)"
f architecture "$(uname -m)"
f machine "$(uname -m)"
f nodename "$(uname -n)"
f fqdn "$(hostname -f 2>/dev/null || uname -n)"
f user_id "$(id -un)"
f user_uid "$(id -u)"
f user_gid "$(id -g)"
f user_dir "${HOME:-}"
f user_shell "${SHELL:-}"
if [ -r /etc/os-release ]; then
  (
    . /etc/os-release
    f os_id "${ID:-}"
    f os_like "${ID_LIKE:-}"
    f os_name "${NAME:-}"
    f distribution_version "${VERSION_ID:-}"
    f distribution_release "${VERSION_CODENAME:-}"
  )
fi
[ ! -r /etc/debian_version ] || f debian_version "$(cat /etc/debian_version)"
while read -r k v _; do
  case $k in
    MemTotal:) f mem_total "$v" ;;
    MemFree:) f mem_free "$v" ;;
    MemAvailable:) f mem_available "$v" ;;
    SwapTotal:) f swap_total "$v" ;;
    SwapFree:) f swap_free "$v" ;;
  esac
done 2>/dev/null </proc/meminfo
f processor_nproc "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || echo 1)"
read -r v _ 2>/dev/null </proc/uptime && f uptime_seconds "${v%%.*}"
if command -v ip >/dev/null 2>&1; then
  ip -o link 2>/dev/null | while IFS=': ' read -r _ k _; do f interface "${k%%@*}"; done
  ip -o -4 addr 2>/dev/null | while read -r _ k _ v _; do f ipv4 "$k $v"; done
  ip -o -6 addr 2>/dev/null | while read -r _ k _ v _; do f ipv6 "$k $v"; done
  f route4 "$(ip -4 route get 192.0.2.1 2>/dev/null | head -n 1)"
fi
while read -r k v t o _; do
  case $k in /*) f mount "$k $v $t $o" ;; esac
done 2>/dev/null </proc/mounts
if [ -d /run/systemd/system ]; then f service_mgr systemd
else f service_mgr "$(cat /proc/1/comm 2>/dev/null || echo service)"; fi
for k in apt-get dnf yum apk pacman zypper; do
  if command -v "$k" >/dev/null 2>&1; then
    [ "$k" != apt-get ] || k=apt
    f pkg_mgr "$k"
    break
  fi
done
for k in python3 python; do
  if v=$(command -v "$k" 2>/dev/null); then
    f python "$v"
    break
  fi
done
if command -v systemd-detect-virt >/dev/null 2>&1; then
  f virtualization "$(systemd-detect-virt 2>/dev/null || :)"
fi
f selinux "$(getenforce 2>/dev/null || echo disabled)"
f date "$(date '+%Y-%m-%d %H:%M:%S %s %Z %z %A %u %j %V')"
f date_utc "$(date -u '+%Y-%m-%dT%H:%M:%SZ')"
f boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
env | while IFS= read -r v; do
  case $v in HOME=* | LANG=* | LC_ALL=* | LOGNAME=* | PATH=* | PWD=* | SHELL=* | USER=* | XDG_RUNTIME_DIR=*) f env "$v" ;; esac
done
