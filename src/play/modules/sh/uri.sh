# url, me: method, hb: a body comes on standard input (kd: its kind), fr: follow
# redirects, us: socket, d: file for the answer, cr re: creates, removes.
if [ "$cr" ] && s_glob "$cr"; then
  s_v s:stdout "skipped, since '$cr' exists"
  s_end
fi
if [ "$re" ] && ! s_glob "$re"; then
  s_v s:stdout "skipped, since '$re' does not exist"
  s_end
fi
if [ "$K" ]; then
  s_v msg "remote module (uri) does not support check mode"
  s_v skipped 1
  s_end
fi
s_which curl || s_die "there is no curl on this host"
s_work
W=$T
T=
[ -z "$hb" ] || cat >"$W/body" || s_die "can't keep the body"
a=$( {
  printf %s "$fh"
  s_curl url "$url"
  s_curl request "$me"
  if [ "$hb" ]; then
    s_curl data-binary "@$W/body"
    # curl would say it is a form.
    s_curl header "Content-Type:${kd:+ $kd}"
  fi
  [ "$me" != HEAD ] || printf 'head\n'
  [ -z "$fr" ] || printf 'location\n'
  [ -z "$us" ] || s_curl unix-socket "$us"
} | curl -sS -q --max-time "$ft" ${fk:+-k} -D "$W/headers" -o "$W/content" -w '%{http_code} %{num_redirects} %{url_effective}' -K - 2>"$W/error")
i=$?
if [ $i != 0 ]; then
  s_v i:status -1
  s_v s:url "$url"
  s_die "Status code was -1 and not what was wanted: Request failed: $(cat "$W/error")"
fi
true >>"$W/content"
true >>"$W/headers"
s_r about
printf %s "$a"
s_r headers
cat "$W/headers"
s_v size "$(wc -c <"$W/content" | tr -d ' ')"
if [ "$d" ]; then
  [ ! -d "$d" ] || { n=${url%%[?#]*}; d=${d%/}/${n##*/}; }
  if [ -f "$d" ] && [ "$(s_sum "$d")" = "$(s_sum "$W/content")" ]; then s_attr "$d"
  else
    C=1
    s_parent "$d"
    s_tmp "$p"
    cat "$W/content" >"$T" || s_die "can't write $d"
    s_put "$d"
  fi
  s_info "$d" path
else
  s_r content
  cat "$W/content"
fi
