# n: the zone, hw: what the hardware clock runs on.
if [ "$n" ]; then
  z=/usr/share/zoneinfo/$n
  q=$(readlink -f /etc/localtime)
  q=${q#*/zoneinfo/}
  r=$q
  if [ -e /etc/timezone ]; then { read -r r </etc/timezone; } 2>/dev/null; fi
  # A zone may have several names, which are links.
  y=$(readlink -f "$z")
  if [ ! -f "$z" ]; then
    [ "$K" ] || s_die "given timezone \"$n\" is not available"
    s_warn "there is no time zone $n yet"
    C=1
  elif [ "$r" != "$n" ] || { [ "$q" != "$n" ] && [ "$q" != "${y#*/zoneinfo/}" ]; }; then
    C=1
    s_note timezone "$r" "$n"
    if [ -z "$K" ]; then
      if [ -d /run/systemd/system ] && s_which timedatectl; then
        E=$(timedatectl --no-ask-password set-timezone "$n" 2>&1) || s_die "$E"
      else
        s_tmp /etc
        rm -f "$T"
        ln -s "$z" "$T" && mv -f "$T" /etc/localtime || s_die "can't set /etc/localtime"
        T=
      fi
      if [ -e /etc/timezone ] || [ -e /etc/debian_version ]; then
        s_tmp /etc
        printf '%s\n' "$n" >"$T"
        s_put /etc/timezone
      fi
    fi
  fi
fi
if [ "$hw" ]; then
  q=UTC
  [ ! -e /etc/adjtime ] || ! grep -q '^LOCAL' /etc/adjtime || q=local
  if [ "$q" != "$hw" ]; then
    C=1
    s_note hwclock "$q" "$hw"
    if [ -z "$K" ]; then
      if [ -d /run/systemd/system ] && s_which timedatectl; then
        if [ "$hw" = local ]; then w=1; else w=0; fi
        E=$(timedatectl --no-ask-password set-local-rtc $w 2>&1) || s_die "$E"
      else s_die "setting hwclock needs systemd"
      fi
    fi
  fi
fi
