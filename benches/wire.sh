#!/bin/bash
# What reaching many hosts costs, beside OpenSSH, clush and pssh: all in one run, in
# turns, on the hosts of benches/rig.sh. Prints a table for docs/benchmarks.md.
#
#   benches/wire.sh [HOSTS [ROUNDS [WORKLOADS]]]      default: 100 5 w3,w6,w8
#
# Needs root, a release build ($SWARMCTL, default target/release/swarmctl), python3,
# and from Debian: iproute2, openssh-server, clustershell, pssh.
#
# W3  run `true` on all hosts, 64 at a time: CPU seconds of the client and of the hosts
# W6  10 % and 50 % of the hosts drop all packets: one timeout, plus what the healthy
#     hosts take, plus half a second
# W8  memory of the client while it is connected to all hosts
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
hosts=${1:-100} rounds=${2:-5} workloads=${3:-w3,w6,w8} wide=64 wait=10
export RIG_NAME=${RIG_NAME:-wire} RIG=${RIG:-/tmp/swarmctl-wire}
swarmctl=${SWARMCTL:-$here/../target/release/swarmctl}
rig=$here/rig.sh
for tool in "$swarmctl" ssh clush parallel-ssh python3 ip; do
  command -v "$tool" >/dev/null || { echo "wire.sh: $tool is missing" >&2; exit 1; }
done
"$rig" down
trap '"$rig" down' EXIT
"$rig" up "$hosts"
results=$RIG/results
: > "$results"

ssh_options=(-i "$RIG/id" -o "UserKnownHostsFile=$RIG/known_hosts" -o BatchMode=yes -l root)
awk '{print $2}' "$RIG/hosts" > "$RIG/addresses"

# Each prints nothing but on failure, and fails when a host did.
by_swarmctl() {
  "$rig" client "$swarmctl" -C "$RIG/fleet" exec all -q -f "$wide" "$@" -- true
}
by_openssh() {
  "$rig" client xargs -P "$wide" -I{} ssh "${ssh_options[@]}" {} true < "$RIG/addresses"
}
by_clush() {
  "$rig" client clush -q -S -f "$wide" -o "${ssh_options[*]}" -w "$(paste -sd, "$RIG/addresses")" true
}
by_pssh() {
  "$rig" client parallel-ssh -h "$RIG/addresses" -p "$wide" -t 60 -x "${ssh_options[*]}" true > /dev/null
}

# measure NAME COMMAND…: seconds and CPU seconds (client, hosts) and kB into $results.
measure() {
  local name=$1 before after rc=0 begun bytes
  shift
  sleep 0.5
  read -ra before <<< "$("$rig" cpu)"
  bytes=$("$rig" bytes)
  begun=$EPOCHREALTIME
  "$@" > "$RIG/out" 2>&1 || rc=$?
  local ended=$EPOCHREALTIME
  # sshd's own farewells belong to it.
  sleep 0.5
  read -ra after <<< "$("$rig" cpu)"
  bytes=$(($("$rig" bytes) - bytes))
  [ "$rc" = "${expect:-0}" ] || { echo "wire.sh: $name: exit $rc" >&2; tail -5 "$RIG/out" >&2; exit 1; }
  awk -v n="$name" -v w0="$begun" -v w1="$ended" -v c0="${before[0]}" -v c1="${after[0]}" \
    -v h0="${before[1]}" -v h1="${after[1]}" -v b="$bytes" \
    'BEGIN {printf "%s %.3f %.3f %.3f %.0f\n", n, w1 - w0, c1 - c0, h1 - h0, b / 1000}' | tee -a "$results" >&2
}
# median NAME COLUMN
median() { awk -v n="$1" -v c="$2" '$1 == n {print $c}' "$results" | sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

w3() {
  local tool load
  load=$(cut -d' ' -f1-3 /proc/loadavg)
  for _ in $(seq "$rounds"); do
    for tool in swarmctl openssh clush pssh; do measure "$tool" "by_$tool"; done
  done

  echo "W3: \`true\` on $hosts hosts, $wide at a time, medians of $rounds rounds, load $load before"
  echo
  echo "| | CPU s, client and hosts | client | hosts | wall s | kB on the wire | CPU beside OpenSSH |"
  echo "|---|---|---|---|---|---|---|"
  for tool in swarmctl openssh clush pssh; do
    awk -v t="$tool" -v w="$(median $tool 2)" -v c="$(median $tool 3)" -v h="$(median $tool 4)" -v b="$(median $tool 5)" \
      -v oc="$(median openssh 3)" -v oh="$(median openssh 4)" \
      'BEGIN {printf "| %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.2f |\n", t, c + h, c, h, w, b, (c + h) / (oc + oh)}'
  done
  echo
}

w6() {
  local share
  # All at once: what is waited for is the network, not a place among the forks.
  wide=1000
  for _ in 1 2 3; do measure healthy by_swarmctl; done
  for share in 10 50; do
    "$rig" dead $((hosts * share / 100))
    for _ in 1 2 3; do expect=4 measure "dead$share" by_swarmctl; done
    "$rig" alive
  done
  echo "W6: a timeout of $wait s, medians of 3; the goal is the timeout, the time without dead hosts and 0.5 s"
  echo
  echo "| of $hosts hosts dead | wall s | goal |"
  echo "|---|---|---|"
  awk -v w="$(median healthy 2)" 'BEGIN {printf "| none | %.2f | |\n", w}'
  for share in 10 50; do
    awk -v s="$share" -v w="$(median "dead$share" 2)" -v t="$wait" -v h="$(median healthy 2)" \
      'BEGIN {printf "| %d %% | %.2f | %.2f |\n", s, w, t + h + 0.5}'
  done
  echo
}

w8() {
  # The peak of one process, while a command keeps all hosts connected.
  local peak
  peak=$("$rig" client python3 - "$swarmctl" -C "$RIG/fleet" exec all -q -f 1000 -- sleep $((10 + hosts / 8)) <<'P'
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
P
)
  awk -v n="$hosts" -v k="$peak" 'BEGIN {printf "W8: %.1f MiB at most with %d hosts connected (goal: 64 with 500)\n", k / 1024, n}'
}

for workload in ${workloads//,/ }; do
  case $workload in
    w3 | w6 | w8) "$workload" ;;
    *) echo "wire.sh: there is no workload $workload" >&2; exit 2 ;;
  esac
done
