# n: name, ab: absent; wanted: ui uid, gr group, gs: groups are given, go: they, ap: keep
# the others, co comment (hg: given), ho home, sh shell, pw hash, oc: only for a new
# user, lk: lock, ex: last day; ch: make the home, mh: move it, sk um: how; sy nu rm fo.
u_look() {
  pu= pg= pc= ph= ps=
  while IFS=: read -r l _ a b c e f; do
    [ "$l" != "$n" ] || { pu=$a pg=$b pc=$c ph=$e ps=$f; return; }
  done </etc/passwd
  f=$(getent passwd "$n" 2>/dev/null) || return 0
  IFS=: read -r _ _ pu pg pc ph ps <<U
$f
U
}

# Sets mg to the groups that name the user, and k to 1 when one of the names given is
# not among all groups.
u_groups() {
  mg=' '
  ag=' '
  while IFS=: read -r l _ i f; do
    ag="$ag$l:$i "
    [ "$i" != "$pg" ] || pgn=$l
    case ,$f, in *,"$n",*) mg="$mg$l " ;; esac
  done </etc/group
}

# Sets w to the name of a group given by name or number; fails when there is none.
u_group() {
  case $ag in
  *" $1:"*) w=$1 ;;
  *":$1 "*) w=${ag%%":$1 "*}; w=${w##* } ;;
  *)
    w=$(getent group "$1" 2>/dev/null | cut -d: -f1)
    if [ -z "$w" ]; then
      [ "$K" ] || s_die "Group $1 does not exist"
      w=$1
      s_warn "there is no group $1 yet"
    fi ;;
  esac
}

u_shadow() {
  pp= pm= py= pi= pe=
  { while IFS=: read -r l a _ c e f _ g _; do
    [ "$l" != "$n" ] || { pp=$a pm=$c py=$e pi=$f pe=$g; break; }
  done </etc/shadow; } 2>/dev/null
}

u_run() {
  C=1
  [ -z "$K" ] || return 0
  E=$("$@" 2>&1) || s_die "$E"
}

# Sets a password's hash, which goes down a pipe.
u_password() {
  C=1
  [ -z "$K" ] || return 0
  E=$(printf '%s:%s\n' "$n" "$1" | chpasswd -e 2>&1) || s_die "$E"
}

u_home() {
  [ "$ch" ] && [ ! -e "$ph" ] && [ "$ph" ] || return 0
  C=1
  [ -z "$K" ] || return 0
  s_parent "$ph"
  mkdir -p "$p" && E=$(cp -R "${sk:-/etc/skel}" "$ph" 2>&1) || E=$(mkdir -p "$ph" 2>&1) || s_die "$E"
  E=$(chown -R "$pu:$pg" "$ph" 2>&1) || s_die "$E"
  a=${um:-$(sed -n 's/^UMASK[[:space:]]*//p' /etc/login.defs 2>/dev/null)}
  E=$(chmod "$(printf %o $((0777&~0${a:-022})))" "$ph" 2>&1) || s_die "$E"
}

u_look
if [ "$ab" ]; then
  [ -z "$pu" ] || u_run userdel ${fo:+-f} ${rm:+-r} "$n"
  s_v b:force "$fo"
  s_v b:remove "$rm"
  s_end
fi
u_groups
x=
for f in $go; do
  u_group "$f"
  case " $x " in *" $w "*) ;; *) x="${x:+$x }$w" ;; esac
done
if [ -z "$pu" ]; then
  C=1
  s_note state absent present
  if [ "$K" ]; then
    [ -z "$gr" ] || u_group "$gr"
    s_end
  fi
  set --
  [ -z "$ui" ] || set -- "$@" -u "$ui" ${nu:+-o}
  if [ "$gr" ]; then
    u_group "$gr"
    set -- "$@" -g "$gr"
  else
    case $ag in *" $n:"*) set -- "$@" -N ;; esac
  fi
  [ -z "$x" ] || set -- "$@" -G "$(printf %s "$x" | tr ' ' ,)"
  [ -z "$hg" ] || set -- "$@" -c "$co"
  if [ "$ho" ]; then
    s_parent "$ho"
    [ -z "$ch" ] || [ -d "$p" ] || E=$(mkdir -p "$p" 2>&1) || s_die "$E"
    set -- "$@" -d "$ho"
  fi
  [ -z "$sh" ] || set -- "$@" -s "$sh"
  if [ "$ch" ]; then set -- "$@" -m ${sk:+-k "$sk"} ${um:+-K "UMASK=$um"}; else set -- "$@" -M; fi
  [ -z "$sy" ] || set -- "$@" -r
  [ -z "$il" ] || set -- "$@" -K "UID_MIN=$il"
  [ -z "$ih" ] || set -- "$@" -K "UID_MAX=$ih"
  u_run useradd "$@" "$n"
  case $lk$pw in
  '') ;;
  1*) u_password "!$pw" ;;
  *) [ -z "$pw" ] || u_password "$pw" ;;
  esac
  [ -z "$ex" ] || u_run usermod -e "$ex" "$n"
  u_look
  [ "$pu" ] || s_die "user $n is not there after he was made"
  s_v b:system "$sy"
  s_v b:create_home "$ch"
else
  set --
  if [ "$ui" ] && [ "$ui" != "$pu" ]; then s_note uid "$pu" "$ui"; set -- "$@" -u "$ui" ${nu:+-o}; fi
  if [ "$gr" ]; then
    u_group "$gr"
    case $ag in
    *" $w:$pg "*) ;;
    *) s_note group "$pgn" "$w"; set -- "$@" -g "$w" ;;
    esac
  fi
  if [ "$gs" ]; then
    o=
    # The primary group need not be named.
    for f in $x; do
      case "$mg$pgn " in *" $f "*) ;; *) o=1 ;; esac
    done
    if [ -z "$ap" ]; then
      for f in $mg; do
        case " $x " in *" $f "*) ;; *) o=1 ;; esac
      done
    fi
    if [ "$o" ]; then
      s_note groups "$mg" "$x"
      set -- "$@" ${ap:+-a} -G "$(printf %s "$x" | tr ' ' ,)"
    fi
  fi
  if [ "$hg" ] && [ "$co" != "$pc" ]; then s_note comment "$pc" "$co"; set -- "$@" -c "$co"; fi
  if [ "$ho" ] && [ "$ho" != "$ph" ]; then s_note home "$ph" "$ho"; set -- "$@" -d "$ho" ${mh:+-m}; fi
  if [ "$sh" ] && [ "$sh" != "$ps" ]; then s_note shell "$ps" "$sh"; set -- "$@" -s "$sh"; fi
  if [ "$pw$lk$ex" ]; then
    u_shadow
    if [ "$ex" ] && [ "$ex" != "${pe:--1}" ]; then set -- "$@" -e "$ex"; fi
    case $lk:$pp in
    1:!*) ;;
    1:*) set -- "$@" -L ;;
    0:!*) set -- "$@" -U ;;
    esac
    if [ "$pw" ] && [ -z "$oc" ]; then
      a=$pp
      while [ "${a#!}" != "$a" ]; do a=${a#!}; done
      b=$pw
      while [ "${b#!}" != "$b" ]; do b=${b#!}; done
      if [ "$a" != "$b" ]; then
        if [ "$lk" = 1 ]; then u_password "!$pw"; else u_password "$pw"; fi
      fi
    fi
  fi
  [ $# = 0 ] || u_run usermod "$@" "$n"
  s_v b:append "$ap"
  s_v b:move_home "$mh"
  [ "$K" ] || u_look
fi
u_home
if [ "$px$pn$pz" ]; then
  u_shadow
  set --
  [ -z "$px" ] || [ "$px" = "$py" ] || set -- "$@" -M "$px"
  [ -z "$pn" ] || [ "$pn" = "$pm" ] || set -- "$@" -m "$pn"
  [ -z "$pz" ] || [ "$pz" = "$pi" ] || set -- "$@" -W "$pz"
  [ $# = 0 ] || u_run chage "$@" "$n"
fi
s_v i:uid "$pu"
s_v i:group "$pg"
s_v s:comment "$pc"
s_v s:home "$ph"
s_v s:shell "$ps"
if [ "$gk" ]; then
  case $kf in
  /*) f=$kf ;;
  '') f=$ph/.ssh/id_$kt ;;
  *) f=$ph/$kf ;;
  esac
  s_v s:ssh_key_file "$f"
  if [ ! -e "$f" ]; then
    C=1
    if [ -z "$K" ]; then
      s_parent "$f"
      if [ ! -d "$p" ]; then
        E=$(mkdir -p "$p" 2>&1) && chmod 700 "$p" && chown "$pu:$pg" "$p" || s_die "$E"
      fi
      [ "$kc" ] || kc="ansible-generated on $(uname -n)"
      E=$(ssh-keygen -q -t "$kt" ${kb:+-b "$kb"} -C "$kc" -N '' -f "$f" </dev/null 2>&1) || s_die "$E"
      chown "$pu:$pg" "$f" "$f.pub"
    fi
  fi
  if [ -e "$f" ]; then
    s_v s:ssh_fingerprint "$(ssh-keygen -l -f "$f" 2>&1)"
    s_v s:ssh_public_key "$(cat "$f.pub" 2>/dev/null)"
  fi
fi
