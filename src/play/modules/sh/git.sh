# re: repository, d: directory, ve: version, rn: remote, rs: refspec, de: depth, cl up fo
# ba rc sb, ss: ssh with options, kf: key, um: umask.
s_which git || s_die "Failed to find required executable \"git\" in paths: $PATH"
LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=$ss
[ -z "$kf" ] || GIT_SSH_COMMAND="$ss -i '$kf' -o IdentitiesOnly=yes"
export LC_ALL GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
[ -z "$um" ] || umask "$um"

g_git() {
  E=$(git -C "$d" "$@" 2>&1 </dev/null)
}
g_must() {
  g_git "$@" || s_die "git ${1}: $E"
}
g_head() {
  git -C "$d" rev-parse HEAD 2>/dev/null
}
# Sets w to the commit of the version on the other side; fails when it has none.
g_remote() {
  q=$(git ${1:+-C "$1"} ls-remote "$2" 2>&1 </dev/null) || s_die "Failed to look at $re: $q"
  w=
  x=
  while read -r a b; do
    case $b in
    "refs/tags/$ve^{}") w=$a; x=tag; break ;;
    "refs/tags/$ve") [ "$x" = branch ] || { w=$a; x=tag; } ;;
    "refs/heads/$ve") w=$a; x=branch ;;
    HEAD) [ "$ve" != HEAD ] || { w=$a; x=head; break; } ;;
    "$ve") w=$a; x=ref ;;
    esac
  done <<Q
$q
Q
  if [ -z "$w" ]; then
    case $ve in
    *[!0-9a-f]*) ;;
    ????????????????????????????????????????) w=$ve x=commit ;;
    ???????*) x=short ;;
    esac
  fi
}
if [ "$ba" ]; then c=$d; else c=$d/.git; fi
if [ ! -e "$c/HEAD" ] && { [ "$ba" ] || [ ! -f "$c" ]; }; then
  s_v n:before ''
  if [ -z "$cl" ]; then
    s_v n:after ''
    s_end
  fi
  C=1
  g_remote '' "$re"
  [ "$x" ] || [ "$ve" = HEAD ] || s_die "Failed to find the version $ve in $re"
  if [ "$K" ]; then
    s_v s:after "$w"
    s_end
  fi
  s_parent "$d"
  E=$(mkdir -p "$p" 2>&1) || s_die "$E"
  set -- clone -q -o "$rn"
  [ -z "$ba" ] || set -- "$@" --bare
  # A history that is cut short must be cut at the version.
  if [ "$de" ] && [ "$x" != commit ] && [ "$x" != short ] && [ -z "$rs" ]; then set -- "$@" --depth "$de"; fi
  [ -z "$sb" ] || set -- "$@" --single-branch
  case $x in branch|tag) set -- "$@" --branch "$ve" ;; esac
  [ -z "$rc" ] || [ "$ba" ] || set -- "$@" --recursive
  E=$(git "$@" -- "$re" "$d" 2>&1 </dev/null) || s_die "git clone: $E"
  [ -z "$rs" ] || g_must fetch -q "$rn" "$rs"
  case $x in
  branch|tag|head) ;;
  *)
    [ "$ba" ] || {
      g_git checkout -q --force "$ve" || { g_git fetch -q "$rn" "$ve" && g_must checkout -q --force FETCH_HEAD; }
      [ -z "$rc" ] || g_must submodule update -q --init --recursive
    } ;;
  esac
  s_v s:after "$(g_head)"
  s_end
fi
o=$(g_head)
s_v s:before "$o"
q=$(git -C "$d" config --get "remote.$rn.url")
r=
if [ "$q" != "$re" ]; then
  r=1
  C=1
  s_note "remote $rn" "$q" "$re"
  if [ -z "$K" ]; then
    if [ "$q" ]; then g_must remote set-url "$rn" "$re"; else g_must remote add "$rn" "$re"; fi
  fi
fi
s_v b:remote_url_changed "$r"
l=
if [ -z "$ba" ]; then
  l=$(git -C "$d" status --porcelain --untracked-files=no 2>/dev/null)
  if [ "$l" ]; then
    [ "$fo" ] || s_die "Local modifications exist in the destination: $d (force=no)."
    C=1
    [ "$K" ] || g_must reset -q --hard
  fi
fi
if [ -z "$up" ]; then
  s_v s:after "$o"
  s_end
fi
# A commit that is here already needs nobody to ask.
case $ve in
*[!0-9a-f]*|HEAD) g_remote "$d" "$re" ;;
????????????????????????????????????????) w=$ve x=commit ;;
*) g_remote "$d" "$re" ;;
esac
if [ "$x" = short ]; then w=$(git -C "$d" rev-parse -q --verify "$ve^{commit}" 2>/dev/null); fi
if [ "$w" ] && [ "$w" = "$o" ]; then
  s_v s:after "$o"
  s_end
fi
if [ -z "$w" ] && [ "$x" != short ]; then
  w=$(git -C "$d" rev-parse -q --verify "$ve^{commit}" 2>/dev/null)
  [ "$w" ] || s_die "Failed to find the version $ve in $re"
  if [ "$w" = "$o" ]; then
    s_v s:after "$o"
    s_end
  fi
fi
C=1
s_note version "$o" "$w"
if [ "$K" ]; then
  s_v s:after "$w"
  s_end
fi
set -- fetch -q --force --tags
[ -z "$de" ] || [ "$x" = commit ] || set -- "$@" --depth "$de"
if [ "$ba" ]; then g_must "$@" "$rn" '+refs/heads/*:refs/heads/*' ${rs:+"$rs"}
else
  g_must "$@" "$rn" "+refs/heads/*:refs/remotes/$rn/*" ${rs:+"$rs"}
  case $x in
  branch)
    g_must checkout -q --force -B "$ve" "refs/remotes/$rn/$ve"
    g_git branch -q -u "$rn/$ve" ;;
  head)
    b=$(git -C "$d" symbolic-ref -q --short HEAD)
    if [ "$b" ]; then g_must reset -q --hard "$w"; else g_must checkout -q --force "$w"; fi ;;
  *)
    g_git checkout -q --force "${w:-$ve}" || { g_must fetch -q "$rn" "$ve" && g_must checkout -q --force FETCH_HEAD; } ;;
  esac
  [ -z "$rc" ] || g_must submodule update -q --init --recursive
fi
n=$(g_head)
[ "$ba" ] || [ -z "$w" ] || [ "$n" = "$w" ] || s_die "the checkout of $ve ended at $n, not at $w"
s_v s:after "$n"
