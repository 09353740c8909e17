# d: where, st: state, sr: what (sf: as fstab writes it), ty: kind, op: options, du pa:
# the last fields, f: fstab, b: keep a copy.
case $d in ?*/) d=${d%/} ;; esac
# The path as fstab and /proc write it.
df=$(printf %s "$d" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g')
nl="$sf $df $ty $op $du $pa"

m_mounted() {
  mf=
  while read -r _ _ _ _ i j q; do
    [ "$i" != "$df" ] || { mf=1; mo=$j; mq=$q; }
  done </proc/self/mountinfo
  [ "$mf" ]
}

# Works out the new fstab: o, and c when it differs.
m_table() {
  o=
  c=
  h=
  if [ -e "$f" ]; then
    while IFS= read -r l || [ "$l" ]; do
      case $l in
      ''|[#]*) ;;
      *)
        # Names in fstab hold no blanks, and must not become patterns.
        set -f
        set -- $l
        set +f
        if [ $# -ge 4 ] && [ "$2" = "$df" ] && { [ "$2" != none ] || [ "$1" = "$sf" ]; }; then
          if [ "$want" = gone ]; then c=1; continue; fi
          if [ "$h" ]; then c=1; continue; fi
          h=1
          if [ "$1 $2 $3 $4 ${5:-0} ${6:-0}" != "$nl" ]; then c=1 l=$nl; fi
        fi ;;
      esac
      o="$o$l
"
    done <"$f"
  fi
  if [ "$want" = there ] && [ -z "$h" ]; then c=1 o="$o$nl
"
  fi
}

m_write() {
  m_table
  [ "$c" ] || return 0
  C=1
  s_before "$f"
  [ -z "$D" ] || s_v after "$o"
  [ -z "$K" ] || return 0
  [ ! -L "$f" ] || f=$(readlink -f "$f")
  s_parent "$f"
  [ -z "$b" ] || [ ! -e "$f" ] || s_backup "$f"
  s_tmp "$p"
  printf %s "$o" >"$T" || s_die "can't write $f"
  s_put "$f"
}

m_dir() {
  [ ! -e "$d" ] || return 0
  C=1
  [ -z "$K" ] || return 0
  # The uppermost directory that is made, so that it can go again.
  nd=$d
  while s_parent "$nd"; [ ! -e "$p" ]; do nd=$p; done
  E=$(mkdir -p "$d" 2>&1) || s_die "Error making dir $d: $E"
}

# Ends as failed, with fstab and directories as they were: a line that can't be mounted
# may keep the host from booting.
m_fail() {
  er=$E
  if [ "$x" ]; then
    s_tmp "${f%/*}"
    printf %s "$before" >"$T" && s_put "$f"
  fi
  if [ "$nd" ]; then
    q=$d
    while rmdir "$q" 2>/dev/null && [ "$q" != "$nd" ]; do q=${q%/*}; done
  fi
  s_die "$1: $er"
}

m_umount() {
  m_mounted || return 0
  C=1
  [ "$K" ] || E=$(umount "$d" 2>&1) || s_die "Error unmounting $d: $E"
}

want=
nd=
x=
s_v s:fstab "$f"
case $st in
present) want=there; m_write ;;
mounted)
  want=there
  m_dir
  before=
  [ ! -e "$f" ] || before=$(cat "$f" && echo x)
  before=${before%x}
  m_write
  x=$c
  if m_mounted; then
    # What is mounted there may be something else, or otherwise.
    case $op in
    *bind*) ;;
    *)
      if [ "$x" ] && [ -z "$K" ]; then
        E=$(mount -o remount "$d" 2>&1) || { E=$(umount "$d" 2>&1) && E=$(mount -T "$f" "$d" 2>&1); } || m_fail "Error remounting $d"
      fi ;;
    esac
  else
    C=1
    s_note state unmounted mounted
    if [ -z "$K" ]; then
      if [ "$f" = /etc/fstab ]; then E=$(mount "$d" 2>&1); else E=$(mount -T "$f" "$d" 2>&1); fi || m_fail "Error mounting $d"
      m_mounted || s_die "$d is not mounted after mount said so"
    fi
  fi ;;
ephemeral)
  m_dir
  C=1
  if ! m_mounted; then
    [ "$K" ] || E=$(mount -t "$ty" -o "$op" "$sr" "$d" 2>&1) || m_fail "Error mounting $d"
  else
    # After the dash: kind, source, options.
    q=${mq#*- }
    q=${q#* }
    [ "${q%% *}" = "$sf" ] || s_die "Ephemeral mount point is already mounted with a different source than the specified one. Failing in order to prevent an unwanted unmount or override operation. Try replacing this command with a \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path."
    [ "$K" ] || E=$(mount -o "remount,$op" "$d" 2>&1) || s_die "Error remounting $d: $E"
  fi ;;
unmounted) m_umount ;;
remounted)
  C=1
  [ "$K" ] || E=$(mount -o remount "$d" 2>&1) || s_die "Error remounting $d: $E" ;;
absent_from_fstab) want=gone; m_write ;;
absent)
  want=gone
  m_write
  m_umount
  if [ -e "$d" ] && [ "$C" = 1 ] && [ -z "$K" ]; then
    E=$(rmdir "$d" 2>&1) || s_die "Error rmdir $d: $E"
  fi ;;
esac
