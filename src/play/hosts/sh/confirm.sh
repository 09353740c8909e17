# Confirms a change. dd: the directory, tk: the arming, up: 1 when a service took its
# files up. Prints `kept`, `taken` when it was too late, `lost` when the host restarted.
if [ ! -e "$dd/$tk.back" ]; then echo lost
elif mkdir "$dd/$tk.kept" 2>/dev/null; then
  rm -f "$dd/$tk.back"
  [ -z "$up" ] || rm -rf "$dd/saved"
  echo kept
else
  i=0
  while [ ! -e "$dd/$tk.taken" ] && [ "$i" -lt 20 ]; do sleep 1; i=$((i+1)); done
  echo taken
fi
