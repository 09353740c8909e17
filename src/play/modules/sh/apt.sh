# pk: packages (all: every one), st: state, db: package file, ug: upgrade, uc: update
# (cv: unless this young, ur: tries, ud: pause), ao: options, pu ar ac cl, rc: policy.
LC_ALL=C DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical
export LC_ALL DEBIAN_FRONTEND DEBIAN_PRIORITY
s_which apt-get || s_die "there is no apt-get on this host"

# Names are not patterns of this shell.
set -f

# Runs apt-get; what it said is in E.
a_get() {
  E=$(apt-get -y $ao "$@" 2>&1 </dev/null)
}

# Runs apt-get for real, with services kept from starting when that is wanted.
a_do() {
  C=1
  [ -z "$K" ] || return 0
  y=/usr/sbin/policy-rc.d
  if [ "$rc" ]; then
    [ ! -e $y ] || mv -f $y $y.swarmctl || s_die "can't set $y aside"
    printf '#!/bin/sh\nexit %s\n' "$rc" >$y && chmod 755 $y
  fi
  a_get "$@"
  f=$?
  if [ "$rc" ]; then
    rm -f $y
    [ ! -e $y.swarmctl ] || mv -f $y.swarmctl $y
  fi
  s_v out "$E"
  s_v err ''
  s_v rc $f
  [ $f = 0 ] || s_die "'apt-get $1' failed: $E"
}

# Does what apt-get would do, when it would do anything.
a_maybe() {
  a_get -s "$@" || s_die "${E##*
E: }"
  case "
$E" in
  *'
Inst '*|*'
Remv '*|*'
Purg '*|*'
Conf '*) ;;
  *) return 0 ;;
  esac
  # What is installed and removed, without versions' brackets in the way.
  if [ "$D" ]; then
    Y="$Y$(printf '%s\n' "$E" | sed -n 's/^\(Inst\|Remv\|Purg\) /\1 /p')
"
  fi
  a_do "$@"
}

# Sets t to the age of the package lists in seconds. A new image has none, whatever the
# time of their directory.
a_age() {
  t=$(stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %Y /var/lib/apt/lists 2>/dev/null)
  set +f
  set -- /var/lib/apt/lists/*_Packages*
  set -f
  [ -e "$1" ] || t=0
  ct=${t:-0}
  t=$(($(date +%s)-${t:-0}))
}

if [ "$cl" ]; then
  [ "$K" ] || a_get clean || s_die "$E"
  if [ -z "$pk$ug$db" ]; then C=1; s_end; fi
fi
if [ "$uc" ]; then
  a_age
  u=
  if [ "$cv" = 0 ] || [ "$t" -gt "$cv" ]; then
    if [ -z "$K" ]; then
      i=0
      w=1
      while ! a_get update || { case $E in *'Failed to fetch'*) true ;; *) false ;; esac; }; do
        i=$((i+1))
        [ $i -lt "$ur" ] || s_die "Failed to update apt cache after $i retries: $E"
        sleep $w
        w=$((w*2))
        [ $w -le "$ud" ] || w=$ud
      done
      # As with Ansible, it is a change when apt-get wrote any list.
      i=$ct
      a_age
      [ $ct = $i ] || u=1
      # apt-get leaves the times of lists that are still good: they count as young now.
      touch -c /var/lib/apt/lists 2>/dev/null
      a_age
    else u=1
    fi
  fi
  s_v b:cache_updated "$u"
  s_v i:cache_update_time "$ct"
  if [ -z "$pk$ug$db" ]; then
    [ -z "$u" ] || C=1
    [ "$ar$ac" ] || s_end
  fi
fi
if [ "$ug" ] || { [ "$all" ] && [ "$st" = latest ]; }; then
  case $ug in
  dist|full) a_maybe dist-upgrade ${ar:+--auto-remove} ;;
  *) a_maybe upgrade --with-new-pkgs ${ar:+--auto-remove} ;;
  esac
  s_end
fi
if [ "$db" ]; then
  case $db in
  *://*)
    s_work
    W=$T T=
    s_fetch "$db" "$W/p.deb"
    db=$W/p.deb ;;
  esac
  [ -e "$db" ] || s_die "there is no $db"
  q=$(dpkg-deb -f "$db" Package Version 2>&1) || s_die "$q"
  a=$(printf '%s\n' "$q" | sed -n 's/^Package: //p')
  b=$(printf '%s\n' "$q" | sed -n 's/^Version: //p')
  case $db in /*) ;; *) db=./$db ;; esac
  if [ "$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$a" 2>/dev/null)" != "ii  $b" ]; then a_maybe install "$db"; fi
  s_end
fi

# Sets i to 1 when a package is installed, in the version that is wanted when one is.
a_is() {
  i=
  n=${1%%[=/]*}
  case $n in *'*'*) return ;; esac
  while read -r a b; do
    case $a in
    ?i*)
      case $1 in
      *=*) case $b in ${1#*=}) i=1 ;; esac ;;
      */*) ;;
      *) i=1 ;;
      esac ;;
    esac
  done <<Q
$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$n" 2>/dev/null)
Q
}

case $st in
present)
  m=
  for f in $pk; do
    a_is "$f"
    [ "$i" ] || m="$m $f"
  done
  # A package that others provide looks missing here: apt-get knows.
  [ -z "$m" ] || a_maybe install ${ar:+--auto-remove} $m ;;
latest) [ -z "$pk" ] || a_maybe install ${ar:+--auto-remove} $pk ;;
fixed) a_maybe --fix-broken install $pk ;;
build-dep) a_maybe build-dep $pk ;;
absent)
  m=
  for f in $pk; do
    n=${f%%[=/]*}
    while read -r a _; do
      case $a in
      ?i*|?[HUFWt]*) m="$m $n"; break ;;
      ?c*) [ -z "$pu" ] || { m="$m $n"; break; } ;;
      esac
    done <<Q
$(dpkg-query -W -f '${db:Status-Abbrev}\n' "$n" 2>/dev/null)
Q
  done
  [ -z "$m" ] || a_maybe remove ${pu:+--purge} ${ar:+--auto-remove} $m ;;
esac
if [ -z "$pk" ]; then
  [ -z "$ac" ] || [ "$K" ] || a_get autoclean
  [ -z "$ar" ] || a_maybe autoremove ${pu:+--purge}
fi
