# The functions that programs use. Each starts at the beginning of a line and ends
# with a brace there; a comment stands on a line of its own. All names begin with s_.
#
# Variables of every program:
#   K  1 when nothing may be changed     D  1 when differences are wanted
#   B  what separates the report's parts  C  1 once something is changed
#   X Y  attributes before and after      T  the temporary file or directory
#   I  1 when standard input holds content that was asked for
#   WO WG WM  wanted owner, wanted group, 1 when a mode is wanted
#   F  the exit code: 0, 8 when content is asked for, 9 when the task failed, 10 when
#      something was changed
#   s_len  how many bytes the temporary file must have, where that is known
#   s_n  the number under which s_sheet looked at the path
#   _sw_P  in a volley: 0, 1 to only look, 2 to only look and to ask anew

# Begins the report. The boundary is random, so no output can hold it by chance.
s_open() {
  { read -r B </proc/sys/kernel/random/uuid; } 2>/dev/null || B=$$.$PPID.$(date +%s)
  B=${B##*-}
  C=0 X= Y= T= W= F=0 s_q=
  case ${_sw_P-}/$K in
  1/) K=1 ;;
  2/) K=1 I= ;;
  ?/1) _sw_P=0 ;;
  esac
  printf 'swarmctl %s' "$B"
}

# Begins a part of the report; what is written next is its value.
s_r() {
  printf '\n%s %s\n' "$B" "$1"
}

# Writes a part of the report.
s_v() {
  printf '\n%s %s\n%s' "$B" "$1" "$2"
}

s_end() {
  [ -z "$D$X$Y" ] || { s_v attr-before "$X"; s_v attr-after "$Y"; }
  s_v changed "$C"
  s_v end ''
  [ "$F$C" != 01 ] || F=10
  exit "$F"
}

# Ends the task as failed. As in Ansible, a failed task counts as unchanged.
s_die() {
  C=0 F=9
  s_v failed "$1"
  s_end
}

s_warn() {
  s_v warn "$1"
}

# Notes a difference: what, before, after.
s_note() {
  X="$X$1: $2
"
  Y="$Y$1: $3
"
}

# Asks for the content, unless it is there.
s_need() {
  [ "$I" ] || { s_v need ''; s_v end ''; exit 8; }
}

# Asks for content that a change needs, when changes are to be made or looked into.
s_want_content() {
  case ${_sw_P-}/$K in
  [12]/1|*/) s_need ;;
  esac
}

# Looks at up to a few hundred paths at once, in the shell itself: the number of the
# first, the paths. What is found holds until something is changed (_sw_s), and is kept
# under the path's number: s_a (as s_st wants it), s_b (SHA-256), s_c (the path).
s_sheet() {
  s_i=$1 s_l= s_m=
  shift
  for s_p do
    shift
    if [ -e "$s_p" ] && [ ! -L "$s_p" ]; then
      set -- "$@" "$s_p"
      s_l="$s_l $s_i"
      eval "s_p$s_i=\$s_p"
    fi
    s_i=$((s_i+1))
  done
  [ $# -gt 0 ] || return 0
  s_i=$(stat -c '%a %u %g %s %U %G %h' "$@" 2>/dev/null)
  IFS='
'
  set -f
  set -- $s_i
  IFS=' 	
'
  set +f
  set -- $# "$@"
  s_i=0
  for s_p in $s_l; do s_i=$((s_i+1)); done
  [ "$1" = "$s_i" ] || return 0
  shift
  for s_i in $s_l; do
    eval "s_a$s_i=\$1 s_c$s_i=\$s_p$s_i"
    shift
  done
  set --
  for s_i in $s_l; do
    eval "s_p=\$s_p$s_i"
    if [ -f "$s_p" ] && [ -r "$s_p" ]; then
      set -- "$@" "$s_p"
      s_m="$s_m $s_i"
    fi
  done
  _sw_s=1
  [ $# -gt 0 ] || return 0
  s_p=$#
  set -- $(sha256sum "$@" 2>/dev/null | cut -c1-64)
  [ $# = "$s_p" ] || return 0
  for s_i in $s_m; do
    eval "s_b$s_i=\$1"
    shift
  done
}

# True when the sheet has a path, and nothing was changed since.
s_known() {
  [ "$C" = 0 ] && [ "${_sw_s-}" ] && [ "${s_n-}" ] || return 1
  eval "[ \"\${s_c$s_n-}\" = \"\$1\" ]"
}

# Sets m (mode) u g (ids) z (size) U G (names) h (links) of a file, not of what a link points to.
s_st() {
  if s_known "$1"; then eval "set -- \$s_a$s_n"
  else set -- $(stat -c '%a %u %g %s %U %G %h' "$1" 2>/dev/null)
  fi
  [ $# = 7 ] || return 1
  m=$1 u=$2 g=$3 z=$4 U=$5 G=$6 h=$7
}

# Sets S to what a path is: absent, link, directory, hard, file. Sets what s_st sets.
s_state() {
  S=absent
  if [ -L "$1" ]; then S=link
  elif [ -d "$1" ]; then S=directory
  elif [ -e "$1" ]; then S=file
  fi
  [ $S = absent ] || s_st "$1" || s_die "$1 can't be looked at"
  [ $S != file ] || [ "$h" = 1 ] || S=hard
}

# Keeps what s_st found of a path (s_q) for the report: it was looked at last.
s_keep() {
  s_q=$1 s_qi="$m $u $g $z $U $G" s_qh=$h
}

# Reports what a path is now, under the name of its argument.
s_info() {
  if [ "$s_q" = "$1" ] && [ ! -L "$1" ]; then
    if [ -d "$1" ]; then S=directory
    elif [ "$s_qh" = 1 ]; then S=file
    else S=hard
    fi
    s_v info "$S $s_qi"
    s_v "s:$2" "$1"
    return
  fi
  s_state "$1"
  [ $S = absent ] || s_v info "$S $m $u $g $z $U $G"
  s_v "s:$2" "$1"
}

# Prints the home directory of a user.
s_home() {
  while IFS=: read -r n _ _ _ _ i _; do
    [ "$n" != "$1" ] || { printf %s "$i"; return; }
  done </etc/passwd
  i=$(getent passwd "$1" 2>/dev/null | cut -d: -f6)
  printf %s "${i:-~$1}"
}

# Sets w to the id of a user or a group: file, name.
s_id() {
  w=
  case $2 in *[!0-9]*) ;; ?*) w=$2; return ;; esac
  while IFS=: read -r s_nm _ s_no _; do
    [ "$s_nm" != "$2" ] || { w=$s_no; return; }
  done <"/etc/$1"
  w=$(getent "$1" "$2" 2>/dev/null | cut -d: -f3)
  [ "$w" ]
}

# Works out which attributes of a path differ from the wanted ones: sets xo xg xm.
# A user who isn't there yet is no failure in check mode: a task before may make him.
s_want() {
  xo= xg= xm=
  if [ "$WO" ] && [ "$WO" != "$U" ] && [ "$WO" != "$u" ]; then
    if s_id passwd "$WO"; then [ "$w" = "$u" ] || xo=$w
    elif [ "$K" ]; then xo=$WO; s_warn "there is no user $WO yet"
    else s_die "chown failed: failed to look up user $WO"
    fi
  fi
  if [ "$WG" ] && [ "$WG" != "$G" ] && [ "$WG" != "$g" ]; then
    if s_id group "$WG"; then [ "$w" = "$g" ] || xg=$w
    elif [ "$K" ]; then xg=$WG; s_warn "there is no group $WG yet"
    else s_die "chgrp failed: failed to look up group $WG"
    fi
  fi
  if [ "$WM" ]; then
    s_mode "$m" "$1"
    [ "$wm" = "$m" ] || xm=$wm
  fi
}

# Gives a path the wanted attributes, when they differ. Without check mode the path is
# there; in check mode an absent one is a change.
s_attr() {
  s_q=
  [ "$WO$WG$WM" ] || return 0
  if ! s_st "$1"; then
    [ "$K" ] || s_die "$1 is not there"
    C=1
    return 0
  fi
  t=
  [ ! -d "$1" ] || t=1
  s_want "$t"
  # A link has no mode of its own on Linux.
  [ ! -L "$1" ] || xm=
  [ "$xo$xg$xm" ] || { s_keep "$1"; return 0; }
  C=1
  [ -z "$xo" ] || s_note owner "$U" "$WO"
  [ -z "$xg" ] || s_note group "$G" "$WG"
  [ -z "$xm" ] || s_note mode "0$m" "0$xm"
  [ -z "$K" ] || return 0
  if [ "$xo$xg" ]; then
    E=$(chown -h "${xo:-$u}:${xg:-$g}" "$1" 2>&1) || s_die "chown failed: $E"
    # A change of owner takes the set-id bits away.
    [ -z "$WM" ] || [ -L "$1" ] || xm=$wm
  fi
  if [ "$xm" ]; then
    # With fewer than five digits chmod leaves the set-id bits of a directory.
    E=$(chmod "00$xm" "$1" 2>&1) || s_die "chmod failed: $E"
  fi
  s_st "$1" && s_want "$t"
  [ ! -L "$1" ] || xm=
  [ -z "$xo$xg$xm" ] || s_die "the attributes of $1 don't stay as they were set"
}

# Makes a temporary file in a directory and sees to its removal. The shell makes it
# itself where it can: nobody can know its name before, and it must not be there.
s_tmp() {
  s_u=${_sw_U:-$(umask)}
  T=$1/.swarmctl.$B
  umask 077
  # What is to be nobody else's has its mode from the beginning.
  if [ "${2-}" ] && [ -z "$WO$WG" ]; then
    s_default
    [ -z "$WM" ] || { s_mode "$m" ''; m=$wm; }
    case $m in
    [0246][0246][0246]) umask "0$((777-m))" ;;
    esac
  fi
  set -C
  # Not `:`, which is a special builtin: where it can't write, the shell ends.
  { true >"$T"; } 2>/dev/null || T=
  set +C
  umask "$s_u"
  [ "$T" ] || T=$(mktemp "$1/.swarmctl.XXXXXX" 2>&1) || { E=$T T=; s_die "can't write in $1: $E"; }
  trap s_rm EXIT
  trap 'exit 143' HUP INT TERM
}

s_rm() {
  rm -rf ${T:+"$T"} ${W:+"$W"}
}

# Makes a temporary directory that only this user can look into.
s_work() {
  T=$(mktemp -d "${TMPDIR:-/tmp}/.swarmctl.XXXXXX" 2>&1) || { E=$T T=; s_die "can't write in ${TMPDIR:-/tmp}: $E"; }
  trap s_rm EXIT
  trap 'exit 143' HUP INT TERM
}

# Prints the SHA-256 of a file, nothing when it can't be read.
s_sum() {
  sha256sum <"$1" 2>/dev/null | { read -r s _; printf %s "$s"; }
}

# True when a file has this SHA-256.
s_is() {
  s_h=
  if s_known "$1"; then eval "s_h=\${s_b$s_n-}"; fi
  [ "$s_h" ] || s_h=$(sha256sum <"$1" 2>/dev/null)
  [ "${s_h%% *}" = "$2" ]
}

# Prints the content that was asked for.
s_text() {
  if [ "${_sw_t+x}" ]; then printf %s "$_sw_t"; else cat; fi
}

# Fails unless the temporary file holds what it must: SHA-256.
s_same() {
  s_is "$T" "$1" || s_die "the content was cut short on its way (is the disk full?)"
}

# Sets p to the directory of a path.
s_parent() {
  case $1 in
  /*/*|[!/]*/*) p=${1%/*} ;;
  /*) p=/ ;;
  *) p=. ;;
  esac
}

# Keeps a copy of a file beside it, as Ansible names it.
s_backup() {
  k=$1.$$.$(date +%Y-%m-%d@%H:%M:%S)~
  E=$(cp -p "$1" "$k" 2>&1) || s_die "could not make backup of $1 to $k: $E"
  s_v s:backup_file "$k"
}

# Sets m to the mode that a new file has.
s_default() {
  m=${s_u:-$(umask)}
  case $m in
  0022|022) m=644 ;;
  *) m=$(printf %o $((0666&~0$m))) ;;
  esac
}

# Puts the temporary file in a path's place: it gets the wanted attributes, those of
# the file it replaces, or those of a new file; is validated; and is renamed.
s_put() {
  s_pa=$1 s_pu= s_pg=
  if [ ! -L "$s_pa" ] && s_st "$s_pa"; then
    s_pm=$m s_pu=$u s_pg=$g
    s_want ''
    [ -z "$xo" ] || s_note owner "$U" "$WO"
    [ -z "$xg" ] || s_note group "$G" "$WG"
    [ -z "$xm" ] || s_note mode "0$m" "0$xm"
    s_pu=${xo:-$s_pu} s_pg=${xg:-$s_pg}
    m=$s_pm
  else
    s_default
    if [ "$WO$WG" ]; then
      s_py=$m
      s_st "$T"
      s_want ''
      [ -z "$xo$xg" ] || s_pu=${xo:-$u} s_pg=${xg:-$g}
      m=$s_py
    else xo= xg=
    fi
  fi
  [ -z "$WM" ] || { s_mode "$m" ''; m=$wm; }
  s_py=$m
  s_st "$T" || s_die "$T can't be looked at"
  [ -z "${s_len-}" ] || [ "$z" = "$s_len" ] || s_die "the content was cut short on its way (is the disk full?)"
  s_x=
  if [ "$s_pu" ] && [ "$s_pu:$s_pg" != "$u:$g" ]; then
    E=$(chown "$s_pu:$s_pg" "$T" 2>&1) || [ -z "$xo$xg" ] || s_die "chown failed: $E"
    s_x=1
  fi
  if [ "$s_x" ] || [ "$m" != "$s_py" ]; then
    E=$(chmod "00$s_py" "$T" 2>&1) || s_die "chmod failed: $E"
    s_x=1
  fi
  [ -z "$V" ] || { s_valid "$s_pa"; s_x=1; }
  if E=$(mv -f "$T" "$s_pa" 2>&1); then T=
  elif [ "$O" ] && cat "$T" >"$s_pa"; then s_x=1
  else s_die "can't put $s_pa in place: $E"
  fi
  if [ "$s_x" ]; then s_st "$s_pa" || s_die "$s_pa is not there after it was written"
  else [ -f "$s_pa" ] || s_die "$s_pa is not there after it was written"
  fi
  [ -z "$WM" ] || [ "$m" = "$s_py" ] || s_die "the attributes of $s_pa don't stay as they were set"
  s_keep "$s_pa"
}

# Runs the user's check over the temporary file, which gets the ending of the real one.
s_valid() {
  case ${1##*/} in
  ?*.*) E=$T.${1##*.}; mv "$T" "$E" && T=$E ;;
  esac
  E=$(s_check 2>&1 </dev/null) || { w=$?; s_v i:exit_status "$w"; s_die "failed to validate: rc:$w error:$E"; }
}

# True when a pattern names anything.
s_glob() {
  IFS=
  for f in $1; do
    [ ! -e "$f" ] && [ ! -L "$f" ] || { IFS=' 	
'; return 0; }
  done
  IFS=' 	
'
  return 1
}

# Sets w to the path of a program, as the search path finds it.
s_which() {
  case $1 in
  */*) w=$1; [ -e "$1" ]; return ;;
  esac
  IFS=:
  for w in $PATH; do
    w=${w:-.}/$1
    [ ! -x "$w" ] || [ -d "$w" ] || { IFS=' 	
'; return 0; }
  done
  IFS=' 	
'
  return 1
}

# Writes a file's text as the part "before" of a difference; too long or binary is said so.
s_before() {
  [ "$D" ] || return 0
  [ -f "$1" ] || { s_v before ''; return; }
  s_st "$1"
  if [ "$z" -gt 104448 ]; then s_v before-large "$z"
  else s_r before; cat "$1"
  fi
}

# Fetches a URL into a file. The URL and what goes with it come on the program's
# standard input, not as arguments: they may hold a password.
#   fh  header lines, ready for curl's configuration   ft  seconds   fz  a file: only
#   when newer than that   fk  1 when certificates don't matter   fm  method
# Sets fs to the answer's status.
s_fetch() {
  fs=
  if s_which curl; then
    E=$( { printf '%s' "${fh-}"; s_curl url "$1"; s_curl output "$2"; } | curl -sSL -q --retry 2 --connect-timeout "${ft:-10}" --speed-limit 1 --speed-time "${ft:-60}" ${fk:+-k} ${fm:+$fm} ${fz:+-z "$fz"} -w '%{http_code}' -K - 2>&1)
    i=$?
    fs=${E##*[!0-9]}
    [ $i = 0 ] || s_die "Request failed: ${E%"$fs"}"
    case $fs in
    2??|304|000|'') ;;
    *) s_v i:status_code "$fs"; s_die "Request failed: HTTP $fs for $1" ;;
    esac
  elif s_which wget; then
    [ -z "${fh-}" ] || s_die "headers and passwords need curl on the host"
    E=$(printf '%s\n' "$1" | wget -q -T "${ft:-10}" ${fk:+--no-check-certificate} -O "$2" -i - 2>&1) || E=$(wget -q -T "${ft:-10}" -O "$2" "$1" 2>&1) || s_die "Request failed: $E"
    fs=200
  else s_die "there is neither curl nor wget on this host"
  fi
}

# Prints one line of curl's configuration: name, value.
s_curl() {
  printf '%s = "' "$1"
  printf %s "$2" | sed 's/[\\"]/\\&/g'
  printf '"\n'
}
