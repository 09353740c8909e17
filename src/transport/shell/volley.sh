_sw_v() {
  [ "$1" = end ] || exit 0
  _sw_g= _sw_u= _sw_P=0 _sw_l= _sw_s=
  printf '' >"$_sw_d/v"
}
_sw_q() {
  [ "$5" = end ] || exit 0
  _sw_P=0
  case $3 in *f*) _sw_f end ;; esac
  case ${_sw_g:-$2} in
    "$2") ;;
    *) _sw_c=skip; return ;;
  esac
  if [ "$_sw_u" ]; then
    case $3 in
      *s*) _sw_P=2 ;;
      *p*) _sw_P=1 ;;
      *) _sw_c=skip; return ;;
    esac
  fi
  _sw_i=/dev/null
  case $4 in
    ''|-) ;;
    *)
      _sw_i=$_sw_d/vi
      if ! { printf "$4" "$_sw_t" >"$_sw_i"; } 2>/dev/null; then _sw_c=full; _sw_g=none; return; fi ;;
  esac
  case $3 in
    *f*) _sw_j "$1" ;;
    *)
      [ "$4" = - ] || unset _sw_t
      ( set --; eval "unset _sw_p; $_sw_p" ) <"$_sw_i" >>"$_sw_d/v" 2>>"$_sw_d/w"
      _sw_c=$? ;;
  esac
  [ -z "$_sw_u" ] || return 0
  case $_sw_c$3 in
    0*d*) _sw_s= ;;
    0*|8*) ;;
    *) _sw_s= ;;
  esac
  case $_sw_c in
    0|10) ;;
    8) _sw_u=1 ;;
    *) case $3 in *i*) ;; *) _sw_g=$2 ;; esac ;;
  esac
}
_sw_w() {
  [ "$2" = end ] || exit 0
  unset _sw_p _sw_t
  if ! {
    printf '%s %s %s\n' "$1" "$_sw_c" "$_sw_P" && { [ ! -s "$_sw_d/w" ] || cat "$_sw_d/w"; } && printf %sc "$1"
  } >>"$_sw_d/v" 2>/dev/null; then
    _sw_g=none
    printf '' >"$_sw_d/v"
    printf '%s full 0\n%sc' "$1" "$1"
  fi
  [ ! -s "$_sw_d/w" ] || printf '' >"$_sw_d/w"
  { read -r _sw_x _sw_y </proc/uptime; } 2>/dev/null || return 0
  _sw_x=${_sw_x%%.*}
  if [ "$((_sw_x - ${_sw_l:-$_sw_x}))" -ge 1 ]; then _sw_f end; fi
  _sw_l=${_sw_l:-$_sw_x}
}
_sw_f() {
  [ "$1" = end ] || exit 0
  [ -s "$_sw_d/v" ] || return 0
  cat "$_sw_d/v"
  printf '' >"$_sw_d/v"
  _sw_l=
}
