# re: the line, f: its file, ab: absent, uc: update, wm: the mode was asked for.
s_which apt-get || [ "$K" ] || s_die "there is no apt-get on this host"
h=
set -f
# Rewrites a file without the line; sets c when that makes a difference.
r_without() {
  o=
  c=
  while IFS= read -r l || [ "$l" ]; do
    set -- ${l%%#*}
    if [ "$*" = "$re" ]; then c=1; h=1; continue; fi
    o="$o$l
"
  done <"$1"
}
set +f
for x in /etc/apt/sources.list /etc/apt/sources.list.d/*.list "$f"; do
  [ -f "$x" ] || continue
  set -f
  r_without "$x"
  set +f
  if [ "$ab" ] && [ "$c" ]; then
    C=1
    s_note "$x" "$re" ''
    if [ -z "$K" ]; then
      if [ -z "$o" ] && [ "$x" != /etc/apt/sources.list ]; then rm -f "$x"
      else
        s_tmp "${x%/*}"
        printf %s "$o" >"$T" || s_die "can't write $x"
        s_put "$x"
      fi
    fi
  fi
done
if [ -z "$ab" ] && [ -z "$h" ]; then
  C=1
  s_note "$f" '' "$re"
  if [ -z "$K" ]; then
    s_parent "$f"
    s_tmp "$p"
    [ ! -f "$f" ] || cat "$f" >"$T"
    printf '%s\n' "$re" >>"$T" || s_die "can't write $f"
    [ ! -f "$f" ] || [ "$wm" ] || WM=
    s_put "$f"
    s_v a:sources_added "$f"
  fi
fi
if [ $C = 1 ] && [ "$uc" ] && [ -z "$K" ]; then
  E=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -o DPkg::Lock::Timeout=60 update 2>&1 </dev/null) || s_die "Failed to update apt cache: $E"
  case $E in *'Failed to fetch'*) s_die "Failed to update apt cache: $E" ;; esac
fi
