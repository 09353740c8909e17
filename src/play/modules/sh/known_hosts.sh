# A new directory of keys is the user's alone.
if [ "$I" ] && [ "$H" ]; then
  s_parent "$d"
  [ -d "$p" ] || E=$(mkdir -p -m 700 "$p" 2>&1) || s_die "$E"
fi
