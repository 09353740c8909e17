# db: database, ke: key, se: service, fk: a missing key is a failure.
s_which getent || s_die "Failed to find required executable \"getent\" in paths: $PATH"
E=$(getent ${se:+-s "$se"} "$db" ${ke:+"$ke"} 2>&1)
case $? in
0) s_v lines "$E" ;;
1) s_die "Missing arguments, or database unknown." ;;
2) [ -z "$fk" ] || s_die "One or more supplied key could not be found in the database." ;;
3) s_die "Enumeration not supported on this database." ;;
*) s_die "$E" ;;
esac
