# Decides whether a command runs. cd: the directory, cr: creates, re: removes.
if [ "$cd" ]; then
  cd "$cd" 2>/dev/null || { s_v out ''; s_die "Unable to change directory before execution."; }
fi
w=Did
[ -z "$K" ] || w=Would
if [ "$cr" ] && s_glob "$cr"; then
  s_v msg "$w not run command since '$cr' exists"
  s_v rc 0
  s_v out "skipped, since $cr exists"
  s_end
fi
if [ "$re" ] && ! s_glob "$re"; then
  s_v msg "$w not run command since '$re' does not exist"
  s_v rc 0
  s_v out "skipped, since $re does not exist"
  s_end
fi
if [ "$K" ]; then
  s_v msg "Command would have run if not in check mode"
  s_v rc 0
  s_v out ''
  if [ "$cr$re" ]; then C=1; else s_v skipped 1; fi
  s_end
fi
C=1
{ read -r t0 _ </proc/uptime; } 2>/dev/null || t0=0
s_r out
