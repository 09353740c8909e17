# Edits a text. d: the file, c: make directories, b: keep a copy, j: the result's name
# of the path. Second run: seen is the digest of the old text, H of the new one.
[ ! -d "$d" ] || { s_v rc 256; s_die "Path $d is a directory !"; }
f=$d
[ ! -L "$d" ] || f=$(readlink -f "$d") || f=$d
# The text is what was seen. In a volley, a task before may have changed it.
if [ "$I" ]; then
  if [ "$seen" = absent ]; then
    E=made
    [ ! -e "$f" ] || I=
  else
    E=changed
    s_is "$f" "$seen" || I=
  fi
  [ "$I" ] || [ "${_sw_P-}" ] || s_die "$d was $E by someone else in the meantime"
fi
if [ -z "$I" ]; then
  s_v "s:$j" "$d"
  [ -z "$D" ] || s_v wants-diff 1
  if [ -e "$f" ]; then
    [ -r "$f" ] || s_die "$d can't be read"
    s_r text
    cat "$f"
    k=$K
    K=1
    s_attr "$f"
    K=$k
    s_v attr "$C"
    [ -z "$X$Y" ] || { s_v attr-before "$X"; s_v attr-after "$Y"; }
  fi
  s_need
fi
if [ "$H" ]; then
  C=1
  s_parent "$f"
  [ -z "$c" ] || [ -d "$p" ] || E=$(mkdir -p "$p" 2>&1) || s_die "Error creating $p ($E)"
  [ -d "$p" ] || s_die "Destination directory $p does not exist"
  [ -z "$b" ] || [ ! -e "$f" ] || s_backup "$f"
  s_tmp "$p"
  s_text >"$T"
  s_same "$H"
  s_put "$f"
elif [ -e "$f" ]; then
  s_attr "$f"
fi
s_info "$d" "$j"
