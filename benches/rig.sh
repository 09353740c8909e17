#!/bin/bash
# N sshd hosts on one machine, each in a network namespace of its own behind one
# bridge; the client is to run in the namespace NAMEctl. Needs root, iproute2, sshd.
#
#   rig.sh up N           starts them
#   rig.sh dead N         makes the first N of them drop all packets from now on
#   rig.sh alive          makes all of them answer again
#   rig.sh cpu            CPU seconds so far of the client and of the hosts
#   rig.sh bytes          bytes on the wires so far, both directions
#   rig.sh down           ends everything
#   rig.sh client CMD…    runs a command where the client belongs
#
# $RIG is its directory (default: a fixed one below /tmp), $RIG_NAME its name, at most
# eight letters: two rigs can stand side by side. It holds `hosts` (name and address
# per line), `id` (the key of root), `known_hosts`, `fleet` (a fleet directory).
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
name=${RIG_NAME:-swrig}
rig=${RIG:-/tmp/swarmctl-$name}
cgroup=/sys/fs/cgroup/cpuacct/$name
ctl=${name}ctl

# Another second octet for another name.
net=10.$((100 + $(printf %s "$name" | cksum | cut -d' ' -f1) % 100))
address() { printf '%s.%s.%s' "$net" $(($1 / 250)) $(($1 % 250 + 2)); }

up() {
  local hosts=$1 i ns ip
  mkdir -p "$rig" "$cgroup/client" "$cgroup/hosts" /run/sshd
  # What is started from here on are hosts.
  echo $BASHPID > "$cgroup/hosts/cgroup.procs"
  for key in hk id; do [ -f "$rig/$key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$rig/$key"; done
  cp "$rig/id.pub" "$rig/ak"
  : > "$rig/known_hosts"; : > "$rig/hosts"
  mkdir -p "$rig/fleet/inventory" "$rig/fleet/.swarm"
  ip netns add "$ctl"
  ip -n "$ctl" link set lo up
  # Enough for neighbours and connections of many hosts.
  ip netns exec "$ctl" sysctl -qw net.ipv4.neigh.default.gc_thresh3=8192 2>/dev/null || true
  ip -n "$ctl" link add br0 type bridge
  ip -n "$ctl" addr add "$net.0.1/16" dev br0
  ip -n "$ctl" link set br0 up
  echo all: > "$rig/fleet/inventory/hosts.yml"
  {
    echo '  vars:'
    echo '    ansible_user: root'
    echo "    ansible_ssh_private_key_file: $rig/id"
    echo '    ansible_python_interpreter: /usr/bin/python3'
    echo '  hosts:'
  } >> "$rig/fleet/inventory/hosts.yml"
  for i in $(seq 1 "$hosts"); do
    ns=$name$i ip=$(address "$i")
    ip netns add "$ns"
    ip link add "v$i" netns "$ctl" type veth peer name eth0 netns "$ns"
    ip -n "$ctl" link set "v$i" master br0 up
    ip -n "$ns" link set lo up
    ip -n "$ns" addr add "$ip/16" dev eth0
    ip -n "$ns" link set eth0 up
    # An empty .bashrc: a slow one would be charged to every command of every tool.
    ip netns exec "$ns" sh -c "[ ! -f /root/.bashrc ] || mount --bind /dev/null /root/.bashrc
      exec /usr/sbin/sshd -f /dev/null -h $rig/hk -o AuthorizedKeysFile=$rig/ak -o StrictModes=no \
        -o UsePAM=no -o PermitRootLogin=yes -o MaxStartups=200 -o UseDNS=no -o PasswordAuthentication=no \
        -o PidFile=$rig/sshd$i.pid -o Subsystem='sftp internal-sftp'"
    echo "$ip $(cut -d' ' -f1,2 "$rig/hk.pub")" >> "$rig/known_hosts"
    echo "h$i $ip" >> "$rig/hosts"
    echo "    h$i: {ansible_host: $ip}" >> "$rig/fleet/inventory/hosts.yml"
  done
  cp "$rig/known_hosts" "$rig/fleet/.swarm/known_hosts"
}

dead() {
  local i ns mac
  for i in $(seq 1 "$1"); do
    ns=$name$i
    # The client knows where to send to, and nothing comes back.
    mac=$(ip netns exec "$ns" cat /sys/class/net/eth0/address)
    ip -n "$ctl" neigh replace "$(address "$i")" lladdr "$mac" dev br0 nud permanent
    ip -n "$ns" addr flush dev eth0
  done
}

alive() {
  local i=0 host ip
  while read -r host ip; do
    i=$((i + 1))
    ip -n "$name$i" addr replace "$ip/16" dev eth0 || echo "$host is gone" >&2
    ip -n "$ctl" neigh del "$ip" dev br0 2>/dev/null || true
  done < "$rig/hosts"
}

down() {
  local pid ns
  for pid in "$rig"/sshd*.pid; do
    [ ! -f "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || true
    rm -f "$pid"
  done
  sleep 0.3
  for ns in $(ip netns list | awk '{print $1}' | grep -E "^$name(ctl|[0-9]+)\$" || true); do
    ip netns del "$ns"
  done
}

client() {
  echo $BASHPID > "$cgroup/client/cgroup.procs"
  exec ip netns exec "$ctl" "$@"
}

cpu() {
  local part
  for part in client hosts; do
    awk '{printf "%.3f ", $1 / 1e9}' "$cgroup/$part/cpuacct.usage"
  done
  echo
}

bytes() {
  ip netns exec "$ctl" sh -c 'cat /sys/class/net/v*/statistics/[rt]x_bytes' | awk '{all += $1} END {print all + 0}'
}

case ${1:-} in
  up | dead) "$1" "$2" ;;
  alive | down | cpu | bytes) "$1" ;;
  client) shift; client "$@" ;;
  *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
