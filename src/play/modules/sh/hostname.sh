# n: the name. The running one and that of the next boot may differ.
q=$(uname -n)
r=
{ read -r r </etc/hostname; } 2>/dev/null
if [ "$q" != "$n" ] || [ "$r" != "$n" ]; then
  C=1
  s_note hostname "${r:-$q}" "$n"
  if [ -z "$K" ]; then
    if [ -d /run/systemd/system ] && s_which hostnamectl; then
      E=$(hostnamectl --no-ask-password set-hostname "$n" 2>&1) || s_die "Command failed: $E"
    else
      if [ "$r" != "$n" ]; then
        s_tmp /etc
        printf '%s\n' "$n" >"$T"
        s_put /etc/hostname
      fi
      [ "$q" = "$n" ] || E=$(hostname "$n" 2>&1) || s_die "Command failed: $E"
    fi
  fi
fi
