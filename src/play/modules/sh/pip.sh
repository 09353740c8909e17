# The positional parameters are packages. rq: file of them, vd: environment (vp vs), st:
# state, ed: editable, cd: directory, x: pip, bs, um.
LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export LC_ALL PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT
[ -z "$um" ] || umask "$um"
[ -z "$cd" ] || cd "$cd" 2>/dev/null || s_die "there is no directory $cd"
if [ "$vd" ]; then
  x=$vd/bin/pip
  if [ ! -x "$vd/bin/pip" ]; then
    C=1
    if [ "$K" ]; then s_end; fi
    if s_which virtualenv; then :
    else p_make() { python3 -m venv "$@"; }
    fi
    E=$(p_make ${vs:+--system-site-packages} ${vp:+-p "$vp"} "$vd" 2>&1 </dev/null) || s_die "can't make $vd: $E"
  fi
  s_v s:virtualenv "$vd"
elif [ -z "$x" ]; then
  for i in pip3 pip; do
    if s_which $i; then x=$w; break; fi
  done
  [ "$x" ] || {
    [ "$K" ] || s_die "Unable to find any of pip3, pip to use.  pip needs to be installed."
    s_warn "there is no pip yet"
    C=1
    s_end
  }
fi
p_list() {
  "$x" list --format=freeze 2>/dev/null </dev/null | tr 'A-Z_.' 'a-z--' | sort
}
# True when a package is there, in the version that is wanted when one is named exactly.
p_has() {
  i=$(printf %s "${1%%[!A-Za-z0-9._-]*}" | tr 'A-Z_.' 'a-z--')
  case "
$q" in
  *"
$i=="*) ;;
  *) return 1 ;;
  esac
  case $1 in
  "${1%%[!A-Za-z0-9._-]*}") ;;
  *==*)
    j=$(printf %s "${1#*==}" | tr 'A-Z_.' 'a-z--')
    case "$q
" in
    *"
$i==$j
"*|"$i==$j
"*) ;;
    *) return 1 ;;
    esac ;;
  # Other conditions are pip's to judge.
  *) return 1 ;;
  esac
}
p_do() {
  C=1
  [ -z "$K" ] || return 0
  E=$(p_pip "$@" 2>&1 </dev/null) || s_die "stdout: $E"
}
q=$(p_list)
o=$q
case $st in
absent)
  for i; do
    n=$i
    if p_has "${n%%[!A-Za-z0-9._-]*}"; then p_do uninstall -y ${bs:+--break-system-packages} "${n%%[!A-Za-z0-9._-]*}"; fi
  done
  s_end ;;
present)
  y=
  for n; do
    p_has "$n" || y=1
  done
  [ "$y" ] || [ "$rq" ] || s_end
  set -- install "$@" ;;
latest) set -- install -U "$@" ;;
forcereinstall) set -- install -U --force-reinstall "$@" ;;
esac
[ -z "$rq" ] || set -- "$@" -r "$rq"
[ -z "$bs" ] || set -- "$@" --break-system-packages
if [ "$ed" ]; then
  v=$1
  shift
  set -- "$v" -e "$@"
fi
if [ "$K" ]; then
  E=$(p_pip "$@" --dry-run 2>&1 </dev/null) || s_die "stdout: $E"
  case $E in *'Would install'*) C=1 ;; esac
  [ "$st" != forcereinstall ] || C=1
  s_end
fi
E=$(p_pip "$@" 2>&1 </dev/null) || s_die "stdout: $E"
s_v out "$E"
s_v err ''
if [ "$st" = forcereinstall ] || [ "$(p_list)" != "$o" ]; then C=1; fi
