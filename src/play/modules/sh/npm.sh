# n: package, ve: version, d: directory, st: state, gl: global, and options; x: npm.
s_which "$x" || {
  [ "$K" ] || s_die "Failed to find required executable \"npm\" in paths: $PATH"
  s_warn "there is no npm yet"
  C=1
  s_end
}
if [ "$d" ]; then
  if [ ! -d "$d" ]; then
    C=1
    [ -z "$K" ] || s_end
    E=$(mkdir -p "$d" 2>&1) || s_die "$E"
  fi
  cd "$d" || s_die "can't go to $d"
fi
n_npm() {
  set -- "$@" ${gl:+--global} ${pr:+--production} ${fo:+--force} ${ig:+--ignore-scripts} ${up:+--unsafe-perm} ${no:+--no-optional} ${nb:+--no-bin-links}
  [ -z "$rg" ] || set -- "$@" --registry "$rg"
  "$x" "$@" --no-update-notifier --no-fund --no-audit 2>&1 </dev/null
}
n_do() {
  C=1
  [ -z "$K" ] || return 0
  E=$(n_npm "$@")
  w=$?
  s_v out "$E"
  s_v err ''
  s_v rc $w
  [ $w = 0 ] || s_die "npm $1 failed: $E"
}
# Sets i to the version that is there.
n_is() {
  i=
  q=$("$x" ls ${gl:+--global} --depth=0 --parseable --long "$n" 2>/dev/null </dev/null)
  while IFS= read -r l; do
    case $l in
    *":$n@"*)
      i=${l##*":$n@"}
      i=${i%%:*}
      case $l in *:MISSING*|*:INVALID*) i= ;; esac ;;
    esac
  done <<Q
$q
Q
}
if [ -z "$n" ]; then
  if [ "$ci" ]; then n_do ci
  else
    # As with Ansible, what is there and not asked for stays.
    q=$("$x" ls ${gl:+--global} --json --long 2>/dev/null </dev/null)
    case $q in *'"missing": true'*|*'"invalid": "'*) n_do install ;; esac
    if [ "$st" = latest ]; then
      q=$(n_npm update --dry-run) || s_die "npm update failed: $q"
      case $q in *'up to date'*) ;; *) n_do update ;; esac
    fi
  fi
  s_end
fi
n_is
case $st in
absent) [ -z "$i" ] || n_do uninstall "$n" ;;
present)
  if [ -z "$i" ] || { [ "$ve" ] && [ "$i" != "$ve" ]; }; then
    s_note "$n" "$i" "${ve:-present}"
    n_do install "$n${ve:+@$ve}"
    if [ -z "$K" ]; then
      n_is
      [ "$i" ] || s_die "$n is not there after npm installed it"
    fi
  fi ;;
latest)
  w=$("$x" view "$n" version ${rg:+--registry "$rg"} 2>/dev/null </dev/null)
  [ "$w" ] || s_die "npm knows no package $n"
  if [ "$i" != "$w" ]; then
    s_note "$n" "$i" "$w"
    n_do install "$n@$w"
  fi ;;
esac
