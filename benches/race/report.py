"""Medians of a race as a table: report.py LINES"""

import statistics
import sys

runs = {}
states = {}
for line in open(sys.argv[1]):
    workload, tool, hosts, cpu, wall, wire, state, code = line.split()
    if code != "0":
        print(f"{tool} failed in {workload}: exit code {code}")
        continue
    runs.setdefault((workload, tool), []).append((float(cpu), float(wall), int(wire), int(hosts)))
    if tool != "floor":
        # The floor's files are made by tar: the same bytes, whose modes may differ.
        states.setdefault(workload, {}).setdefault(state, set()).add(tool)
for workload, seen in states.items():
    if len(seen) > 1:
        print(f"{workload}: the end states differ: {seen}; its figures don't count")
print("| workload | tool | runs | CPU s per host | wall s | wire kB per host |")
print("|---|---|---|---|---|---|")
for (workload, tool), all_runs in runs.items():
    hosts = all_runs[0][3] if not workload.startswith("w5") else 1
    cpu, wall, wire = (statistics.median(run[n] for run in all_runs) for n in range(3))
    print(
        f"| {workload} | {tool} | {len(all_runs)} | {cpu / hosts:.3f} | {wall:.2f} | {wire / hosts / 1000:.1f} |"
    )
