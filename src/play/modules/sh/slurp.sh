# Sends a file. d: the file.
[ -e "$d" ] || s_die "file not found: $d"
[ ! -d "$d" ] || s_die "source is a directory and must be a file: $d"
[ -r "$d" ] || s_die "file is not readable: $d"
s_r content
cat "$d"
s_v s:source "$d"
