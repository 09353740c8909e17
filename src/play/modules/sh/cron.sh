# Edits a crontab. d: the file, or us: the user whose crontab it is, b: keep a copy.
t_read() {
  if [ "$d" ]; then [ ! -e "$d" ] || cat "$d"
  else crontab ${us:+-u "$us"} -l 2>/dev/null
  fi
}
[ "$d" ] || s_which crontab || {
  [ "$K" ] || s_die "Failed to find required executable \"crontab\" in paths: $PATH"
  s_warn "there is no crontab yet"
  C=1
  s_end
}
if [ "$I" ] && [ "$(t_read | sha256sum | { read -r h _; printf %s "$h"; })" != "$seen" ]; then
  I=
  [ "${_sw_P-}" ] || s_die "the crontab was changed by someone else in the meantime"
fi
if [ -z "$I" ]; then
  [ -z "$D" ] || s_v wants-diff 1
  s_r text
  t_read
  s_v attr 0
  s_need
fi
[ "$H" ] || s_end
C=1
if [ "$d" ]; then
  s_parent "$d"
  [ -d "$p" ] || s_die "there is no directory $p"
  [ -z "$b" ] || [ ! -e "$d" ] || s_backup "$d"
  s_tmp "$p"
  s_text >"$T"
  s_same "$H"
  if [ -s "$T" ]; then
    [ -e "$d" ] || { WM=1; s_mode() { wm=644; }; }
    s_put "$d"
  else rm -f "$d"
  fi
else
  s_work
  s_text >"$T/c"
  W=$T
  T=$W/c
  s_same "$H"
  if [ "$b" ]; then
    k=$(mktemp "${TMPDIR:-/tmp}/crontabXXXXXX") && t_read >"$k" && s_v s:backup_file "$k"
  fi
  E=$(crontab ${us:+-u "$us"} - <"$T" 2>&1) || s_die "$E"
fi
