_sw_j() {
  _sw_o=$_sw_d/o$1 _sw_e=$_sw_d/e$1
  if { printf '' >"$_sw_o" && printf '' >"$_sw_e"; } 2>/dev/null; then
    ( set --; eval "unset _sw_p _sw_t; $_sw_p" ) <"$_sw_i" >>"$_sw_o" 2>>"$_sw_e"
    _sw_c=$?
  else
    _sw_c=full
  fi
  unset _sw_p
  case $_sw_i in
    /dev/null) ;;
    "$_sw_d"/*) printf '' >"$_sw_i" ;;
    *) rm -f "$_sw_i" ;;
  esac
}
_sw_n() {
  [ "$2" = end ] || exit 0
  _sw_P=
  _sw_i=/dev/null
  _sw_j "$1"
}
_sw_s() {
  [ "$2" = end ] || exit 0
  _sw_P=
  _sw_i=$_sw_d/i$1
  if { printf %s "$_sw_t" >"$_sw_i"; } 2>/dev/null; then _sw_j "$1"; else _sw_c=full; fi
  unset _sw_t
}
_sw_r() {
  [ "$4" = end ] || exit 0
  _sw_P=
  if [ "$(printf abc | head -c 2 2>/dev/null)" != ab ]; then printf '%s head\n' "$3"; exit 0; fi
  _sw_i=$_sw_d/i$1
  if [ "$2" -gt 4194304 ]; then
    [ -n "$_sw_D" ] || ! _sw_mk /var/tmp "${TMPDIR:-/tmp}" || _sw_D=$_sw_x
    [ -z "$_sw_D" ] || _sw_i=$_sw_D/i$1
  fi
  printf '%s ready\n' "$3"
  head -c "$2" | { { cat >"$_sw_i"; } 2>/dev/null || { rm -f "$_sw_i"; cat >/dev/null; }; }
  if [ ! -f "$_sw_i" ]; then
    _sw_c=full
    printf '%s got\n' "$3"
  else
    [ "$(($(wc -c <"$_sw_i")))" -eq "$2" ] || exit 0
    printf '%s got\n' "$3"
    _sw_j "$1"
  fi
}
_sw_m() {
  [ "$2" = end ] || exit 0
  if [ "$_sw_c" = skip ]; then printf '%s skip 0\n' "$1"; return 0; fi
  _sw_x= _sw_y=
  if [ "$_sw_c" != full ]; then
    if [ -s "$_sw_e" ]; then
      _sw_y=1
      { printf %sc "$1" >>"$_sw_e"; } 2>/dev/null || _sw_c=full
      if [ -s "$_sw_o" ]; then
        _sw_x=1
        { printf %sa "$1" >>"$_sw_o"; } 2>/dev/null || _sw_c=full
      fi
    elif [ -s "$_sw_o" ]; then
      _sw_x=1
      { printf %sa%sb%sc "$1" "$1" "$1" >>"$_sw_o"; } 2>/dev/null || _sw_c=full
    fi
  fi
  case $_sw_c/$_sw_x/$_sw_y in
    full*) printf '%s full\n' "$1" ;;
    *//) printf '%s %s\n%sa%sb%sc' "$1" "$_sw_c $_sw_P" "$1" "$1" "$1" ;;
    *//1) printf '%s %s\n%sa%sb' "$1" "$_sw_c $_sw_P" "$1" "$1"; cat "$_sw_e" ;;
    */1/) printf '%s %s\n' "$1" "$_sw_c $_sw_P"; cat "$_sw_o" ;;
    *) printf '%s %s\n' "$1" "$_sw_c $_sw_P"; cat "$_sw_o"; printf %sb "$1"; cat "$_sw_e" ;;
  esac
  if [ -n "$_sw_x$_sw_y" ] || [ "$_sw_c" = full ]; then
    { printf '' >"$_sw_o"; printf '' >"$_sw_e"; } 2>/dev/null
  fi
  _sw_k=$((_sw_k + 1))
  if [ "$_sw_k" -ge 64 ]; then
    _sw_k=0
    rm -f "$_sw_d"/[oei]*
  fi
}
