# n: option, va: value, ab: absent, sc: scope, rp: repository, f: file, ad: add.
s_which git || s_die "Failed to find required executable \"git\" in paths: $PATH"
LC_ALL=C
export LC_ALL
[ -z "$rp" ] || cd "$rp" 2>/dev/null || s_die "there is no directory $rp"
case $sc in
file) set -- --file "$f" ;;
*) set -- "--$sc" ;;
esac
q=$(git config "$@" --get-all "$n" 2>&1)
case $? in 0|1) ;; *) [ "$sc" = file ] && [ ! -e "$f" ] || s_die "$q" ;; esac
h=
k=0
while IFS= read -r l; do
  k=$((k+1))
  [ "$l" != "$va" ] || h=1
done <<Q
$q
Q
[ "$q" ] || k=0
if [ "$ab" ]; then
  if [ $k -gt 0 ]; then
    C=1
    s_note "$n" "$q" ''
    [ "$K" ] || E=$(git config "$@" --unset-all "$n" 2>&1) || s_die "$E"
  fi
elif [ "$h" ] && { [ "$ad" ] || [ $k = 1 ]; }; then :
else
  C=1
  s_note "$n" "$q" "$va"
  if [ -z "$K" ]; then
    if [ "$ad" ]; then set -- "$@" --add; else set -- "$@" --replace-all; fi
    E=$(git config "$@" "$n" "$va" 2>&1) || s_die "$E"
  fi
fi
s_v msg "setting changed"
[ $C = 1 ] || s_v msg ''
