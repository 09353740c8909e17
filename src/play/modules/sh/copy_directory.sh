# Makes a directory hold what a local one holds. o: dest, fo: force, b: keep copies, pm:
# keep modes. On the first run c_file only looks; when anything differs it asks for all
# contents, and the second run reads each from its place in the stream.
o=${o%/}
if [ "$I" ]; then
  s_work
  W=$T
  s_text >"$W/in" || s_die "can't keep the content (is the disk full?)"
fi

c_mkdir() {
  [ ! -d "$1" ] || return 0
  C=1
  [ -z "$K" ] || return 0
  case $1 in */*) [ -z "${1%/*}" ] || c_mkdir "${1%/*}" ;; esac
  E=$(mkdir "$1" 2>&1) || s_die "Could not copy to $1: $E"
  if [ "$dm" ]; then
    s_st "$1"
    c_dirmode "$m" 1
    E=$(chmod "00$wm" "$1" 2>&1) || s_die "chmod failed: $E"
  fi
  [ -z "$WO$WG" ] || { k=$WM; WM=; s_attr "$1"; WM=$k; }
}

c_dir() {
  c_mkdir "$o/$1"
  [ -z "$WO$WG" ] || { k=$WM; WM=; s_attr "$o/$1"; WM=$k; }
}

c_link() {
  [ "$(readlink "$o/$1")" != "$2" ] || return 0
  C=1
  [ -z "$K" ] || return 0
  s_parent "$o/$1"
  c_mkdir "$p"
  rm -f "$o/$1" && E=$(ln -s "$2" "$o/$1" 2>&1) || s_die "Error while linking: $E"
}

# path, digest, where in the stream, how long, mode
c_file() {
  d=$o/$1
  pw=$5
  [ ! -d "$d" ] || s_die "Destination $d is a directory"
  [ "$fo" ] || [ ! -e "$d" ] || return 0
  if [ ! -L "$d" ] && [ -f "$d" ] && s_is "$d" "$2"; then
    s_attr "$d"
    return
  fi
  C=1
  s_want_content
  [ -z "$K" ] || return 0
  s_parent "$d"
  c_mkdir "$p"
  [ -z "$b" ] || [ ! -e "$d" ] || s_backup "$d"
  s_tmp "$p"
  if [ "$4" -gt 0 ]; then tail -c "+$(($3+1))" "$W/in" | head -c "$4" >"$T"; fi
  [ "$(s_sum "$T")" = "$2" ] || { rm -f "$T"; T=$W; s_die "the content was cut short on its way (is the disk full?)"; }
  s_put "$d"
  T=$W
}

c_done() {
  s_info "$o" dest
}
