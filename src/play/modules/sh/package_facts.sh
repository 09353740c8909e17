if s_which dpkg-query; then
  s_r apt
  dpkg-query -W -f '${db:Status-Abbrev}${Package}\t${Version}\t${Architecture}\t${Section}\n' | sed -n 's/^.i. //p; s/^.i.//p'
elif s_which rpm; then
  s_r rpm
  rpm -qa --qf '%{NAME}\t%{VERSION}\t%{ARCH}\t%{GROUP}\n'
elif s_which apk; then
  s_r apk
  apk info -v 2>/dev/null | sed -n 's/^\(.*\)-\([0-9][^-]*-r[0-9]*\)$/\1	\2/p'
else s_die "no package manager that is known"
fi
