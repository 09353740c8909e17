_sw_l() {
  [ "$2" = end ] || exit 0
  exec 3<&0
  _sw_g=
  if command -v setsid >/dev/null 2>&1; then
    _sw_g=-
    setsid sh -c "$_sw_p" </dev/null 3<&- &
  else
    sh -c "$_sw_p" </dev/null 3<&- &
  fi
  _sw_c=$!
  { read -r _sw_x <&3; kill -TERM "$_sw_g$_sw_c"; sleep 2; kill -KILL "$_sw_g$_sw_c"; } >/dev/null 2>&1 &
  _sw_w=$!
  wait "$_sw_c"
  _sw_x=$?
  kill "$_sw_w" 2>/dev/null
  printf '%s %s\n' "$1" "$_sw_x"
  printf %s "$1" >&2
  exit 0
}
