# d: where, a: prefix, z: suffix, di: a directory.
C=1
[ -z "$K" ] || s_end
E=$(mktemp ${di:+-d} "${d:-${TMPDIR:-/tmp}}/${a}XXXXXXXX" 2>&1) || s_die "$E"
if [ "$z" ]; then
  # The name is ours alone, and longer names of it are as good as.
  E2=$E$z
  [ ! -e "$E2" ] && mv "$E" "$E2" || s_die "can't make $E2"
  E=$E2
fi
s_info "$E" path
