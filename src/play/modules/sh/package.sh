# Without apt-get. pk: packages, st: state.
LC_ALL=C
export LC_ALL
set -f
if s_which apk; then
  case $st in
  present)
    m=
    for f in $pk; do apk info -e "${f%%[=<>~]*}" >/dev/null 2>&1 || m="$m $f"; done
    set -- add $m ;;
  latest) m=$pk; set -- add -u $m ;;
  absent)
    m=
    for f in $pk; do if apk info -e "$f" >/dev/null 2>&1; then m="$m $f"; fi; done
    set -- del $m ;;
  esac
  [ "$m" ] || s_end
  E=$(apk "$@" -s 2>&1 </dev/null) || s_die "$E"
  case $E in *'('*'/'*')'*) C=1 ;; *) s_end ;; esac
  [ "$K" ] || E=$(apk "$@" 2>&1 </dev/null) || s_die "$E"
elif s_which dnf; then
  case $st in
  present)
    m=
    for f in $pk; do rpm -q --whatprovides "$f" >/dev/null 2>&1 || m="$m $f"; done
    set -- install $m ;;
  latest)
    m=
    for f in $pk; do rpm -q "$f" >/dev/null 2>&1 && dnf -q check-update "$f" >/dev/null 2>&1 || m="$m $f"; done
    set -- install --best $m ;;
  absent)
    m=
    for f in $pk; do if rpm -q "$f" >/dev/null 2>&1; then m="$m $f"; fi; done
    set -- remove $m ;;
  esac
  [ "$m" ] || s_end
  C=1
  [ "$K" ] || E=$(dnf -y -q "$@" 2>&1 </dev/null) || s_die "$E"
else s_die "there is no apt-get, apk or dnf on this host"
fi
s_v msg "$E"
