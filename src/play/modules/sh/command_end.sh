rc=$?
{ read -r t1 _ </proc/uptime; } 2>/dev/null || t1=0
s_v rc $rc
s_v times "$t0 $t1"
if [ $rc = 0 ]; then s_v msg ''; else s_v failed "non-zero return code"; F=9; fi
