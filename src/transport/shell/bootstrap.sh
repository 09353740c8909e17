trap 'exit 129' HUP INT TERM PIPE
_sw_d= _sw_D= _sw_k=0 _sw_x= _sw_P= _sw_U=$(umask)
trap '[ -z "$_sw_d" ] || rm -rf "$_sw_d" ${_sw_D:+"$_sw_D"}' EXIT
[ -r . ] && [ -x . ] || cd "${HOME:-/}" 2>/dev/null || cd /
_sw_mk() {
  _sw_x=
  for _sw_y; do
    [ -d "$_sw_y" ] && [ -w "$_sw_y" ] && mkdir -m 700 "$_sw_y/$_sw_w" 2>/dev/null || continue
    if { printf . >"$_sw_y/$_sw_w/t"; } 2>/dev/null; then _sw_x=$_sw_y/$_sw_w; return 0; fi
    rm -rf "$_sw_y/$_sw_w"
  done
  return 1
}
_sw_h() {
  [ "$3" = end ] || exit 0
  _sw_w=.swarmctl-$2
  if [ "$(command -v printf)" != printf ]; then printf '%s printf\n' "$1"; exit 0; fi
  if df -Pk /dev/shm 2>/dev/null | { read -r _sw_x && read -r _sw_x _sw_x _sw_x _sw_x _sw_y && [ "${_sw_x:-0}" -ge 262144 ]; } 2>/dev/null; then
    _sw_mk /dev/shm
  fi
  [ -n "$_sw_x" ] || _sw_mk "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm || { printf '%s full\n' "$1"; exit 0; }
  _sw_d=$_sw_x
  printf '%s ok\n' "$1"
}
