# Lists what is below some directories, the positional parameters. fl: follow, de: depth,
# ck: kind of checksum. Each entry begins with a byte that no name of sense holds.
s_v now "$(date +%s)"
y=
for d; do
  if [ ! -d "$d" ]; then
    s_warn "Skipped '$d' path due to this access issue: '$d' is not a directory"
    y=1
  fi
done
s_r files
for d; do
  [ ! -d "$d" ] || find ${fl:+-L} "$d" -mindepth 1 ${de:+-maxdepth "$de"} -exec stat -c "$(printf '\001')%f %u %g %s %i %d %h %X %Y %Z %U %G %n" {} + 2>/dev/null
done
if [ "$ck" ]; then
  s_r sums
  for d; do
    [ ! -d "$d" ] || find ${fl:+-L} "$d" -mindepth 1 ${de:+-maxdepth "$de"} -type f -exec "${ck}sum" {} + 2>/dev/null
  done
fi
if [ "$y" ]; then s_v msg "Not all paths examined, check warnings for details"; else s_v msg "All paths examined"; fi
