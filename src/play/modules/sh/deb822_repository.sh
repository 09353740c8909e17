# f: the source's file, kb: its key's path without ending, ku: the key's URL, kt: its
# text, ab: absent. r_lines prints the fields.
if [ "$ab" ]; then
  for x in "$f" "$kb.asc" "$kb.gpg"; do
    [ -e "$x" ] || continue
    C=1
    s_note "$x" there absent
    [ "$K" ] || rm -f "$x" || s_die "can't remove $x"
  done
  s_end
fi
r_dir() {
  [ -d /etc/apt/keyrings ] || [ "$K" ] || { E=$(mkdir -p -m 755 /etc/apt/keyrings 2>&1) || s_die "$E"; }
}
k=
if [ "$kt" ]; then
  k=$kb.asc
  r_dir
  if [ "$(cat "$k" 2>/dev/null)" != "$kt" ]; then
    C=1
    s_note "$k" '' changed
    if [ -z "$K" ]; then
      s_tmp /etc/apt/keyrings
      printf '%s\n' "$kt" >"$T" || s_die "can't write $k"
      s_put "$k"
    fi
  fi
elif [ "$ku" ]; then
  # What is there is taken for good, as long as it is there.
  if [ -s "$kb.asc" ]; then k=$kb.asc
  elif [ -s "$kb.gpg" ]; then k=$kb.gpg
  else
    C=1
    k=$kb.asc
    s_note "$k" '' fetched
    if [ -z "$K" ]; then
      r_dir
      s_tmp /etc/apt/keyrings
      s_fetch "$ku" "$T"
      { read -r l <"$T"; } 2>/dev/null
      case $l in *'BEGIN PGP'*) ;; *) k=$kb.gpg ;; esac
      s_put "$k"
    fi
  fi
fi
[ -z "$k" ] || s_v s:key_filename "$k"
o=$(r_lines)
if [ "$k" ]; then
  o=$(printf '%s\n' "$o" | while IFS= read -r l; do
    case $l in 'Signed-By: ') printf 'Signed-By: %s\n' "$k" ;; *) printf '%s\n' "$l" ;; esac
  done)
fi
s_v s:repo "$o
"
if [ "$(cat "$f" 2>/dev/null)" = "$o" ]; then s_attr "$f"
else
  C=1
  s_before "$f"
  [ -z "$D" ] || s_v after "$o
"
  if [ -z "$K" ]; then
    s_parent "$f"
    s_tmp "$p"
    printf '%s\n' "$o" >"$T" || s_die "can't write $f"
    s_put "$f"
  fi
fi
s_info "$f" dest
