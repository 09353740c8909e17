# Copies on the host. sr: source (sl: it ends with a slash), d: dest, ck: its SHA-1, fo:
# force, fl: follow, lf: copy what links point to, b: keep a copy, pm: keep modes.
[ -e "$sr" ] || s_die "Source $sr not found"
[ -r "$sr" ] || s_die "Source $sr not readable"
s_v s:src "$sr"
if [ -d "$sr" ]; then
  [ -z "$V" ] || s_die "validate needs a file, and $sr is a directory"
  [ ! -e "$d" ] || [ -d "$d" ] || s_die "cannot copy directory $sr over the file $d"
  d=${d%/}
  if [ -z "$sl" ]; then d=$d/${sr##*/}; else sr=${sr%/}; fi
  # Everything that is missing or differs, by name.
  c_tree() {
    if [ ! -d "$2" ]; then
      C=1
      if [ -z "$K" ]; then
        E=$(mkdir -p "$2" 2>&1) || s_die "Could not copy to $2: $E"
        s_like "$1" "$2" new
      fi
    elif [ "$WO$WG" ]; then s_like "$1" "$2" ''
    fi
    for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
      [ -e "$f" ] || [ -L "$f" ] || continue
      t=$2/${f##*/}
      if [ -L "$f" ] && [ -z "$lf" ]; then
        if [ "$(readlink "$f")" != "$(readlink "$t")" ]; then
          C=1
          [ "$K" ] || { rm -f "$t" && ln -s "$(readlink "$f")" "$t"; } || s_die "can't link $t"
        fi
      elif [ -d "$f" ]; then ( c_tree "$f" "$t"; exit "$((C+10))" ); c_code $?
      else c_one "$f" "$t"
      fi
    done
  }
  # A subshell keeps the variables of a directory; its exit code says what it did.
  c_code() {
    case $1 in 10) ;; 11) C=1 ;; *) exit 9 ;; esac
  }
  s_like() {
    if [ "$3" ] && [ "$dm" ]; then s_st "$2"; c_dirmode "$m" 1; E=$(chmod "00$wm" "$2" 2>&1) || s_die "chmod failed: $E"
    elif [ "$3" ]; then E=$(chmod "00$(stat -c %a "$1")" "$2" 2>&1) || s_die "chmod failed: $E"
    fi
    k=$WM
    WM=
    s_attr "$2"
    WM=$k
  }
  c_one() {
    pw=$(stat -L -c %a "$1")
    if [ -f "$2" ] && [ ! -L "$2" ] && cmp -s "$1" "$2"; then s_attr "$2"; return; fi
    [ "$fo" ] || [ ! -e "$2" ] || return 0
    C=1
    [ -z "$K" ] || return 0
    s_tmp "${2%/*}"
    E=$(cp "$1" "$T" 2>&1) || s_die "$E"
    k=$WM
    [ -e "$2" ] || WM=1
    s_put "$2"
    WM=$k
  }
  c_tree "$sr" "$d"
  s_info "$d" dest
  s_end
fi
[ -f "$sr" ] || s_die "Cannot copy invalid source '$sr': not a file"
if [ "$ck" ]; then
  h=$(sha1sum <"$sr")
  h=${h%% *}
  [ "$h" = "$ck" ] || s_die "Copied file does not match the expected checksum. Transfer failed."
fi
h=$(sha1sum <"$sr")
s_v s:checksum "${h%% *}"
H=$(s_sum "$sr")
n=${sr##*/}
pw=$(stat -L -c %a "$sr")
I=1
il=
c_write() {
  cat "$sr" >"$T" || return 1
  # As Ansible does, a file that is replaced gets the mode of its source.
  [ ! -e "$d" ] || [ "$WM" ] || WM=1
}
