# n: parameter, va: value, ab: absent, f: file, re: reload, se: set live, ig: ignore.
[ ! -L "$f" ] || f=$(readlink -f "$f")
o=
h=
if [ -e "$f" ]; then
  while IFS= read -r l || [ "$l" ]; do
    t=${l#"${l%%[! 	]*}"}
    k=
    case $t in
    [#\;]*) ;;
    *=*)
      k=${t%%=*}
      k=${k%"${k##*[! 	]}"}
      v=${t#*=}
      v=${v#"${v%%[! 	]*}"}
      v=${v%"${v##*[! 	]}"} ;;
    esac
    if [ "$k" = "$n" ]; then
      # The last one holds, and stays.
      h=1
      w=$v
      [ -z "$ab" ] || continue
      [ "$v" = "$va" ] || l="$n=$va"
    fi
    o="$o$l
"
  done <"$f"
fi
c=
if [ "$ab" ]; then [ -z "$h" ] || c=1
elif [ -z "$h" ]; then c=1 o="$o$n=$va
"
elif [ "$w" != "$va" ]; then c=1
fi
# Runs sysctl, which says of some failures on standard error only.
y_do() {
  E=$(sysctl "$@" 2>&1) || return 1
  case $E in *'sysctl: setting key '*) return 1 ;; esac
}
# What the kernel refuses is not written.
if [ "$se" ] && [ -z "$ab" ]; then
  # Blanks of any kind separate what has several values.
  q=$(sysctl -n "$n" 2>/dev/null | tr '\t' ' ')
  if [ "$q" != "$va" ]; then
    C=1
    s_note "$n" "$q" "$va"
    if [ -z "$K" ]; then
      y_do -w "$n=$va" || [ "$ig" ] || s_die "setting $n failed: $E"
    fi
  fi
fi
if [ "$c" ]; then
  C=1
  s_before "$f"
  [ -z "$D" ] || s_v after "$o"
  if [ -z "$K" ]; then
    s_parent "$f"
    s_tmp "$p"
    printf %s "$o" >"$T" || s_die "can't write $f"
    s_put "$f"
  fi
fi
if [ "$c" ] && [ "$re" ] && [ -z "$K" ]; then
  y_do ${ig:+-e} -p "$f" || [ "$ig" ] || s_die "Failed to reload sysctl: $E"
fi
