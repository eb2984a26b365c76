/**
 * The detached half. `$d $spec $limit $cap $in` come in the environment, the command as arguments.
 * Exit: 70 nothing was begun (the reason is on stderr), 75 somebody else has the key, 0 done.
 */
export const runner = `
tj_end() {
  tj_now
  printf '%-63s\\n' "rc $1 $2 $((tj_u - tj_t0)) ." 1<>"$d/rc.slot"
  mv "$d/rc.slot" "$d/rc"
}
tj_watch() {
  tj_step=25 tj_was=0
  while :; do
    tj_now
    if [ "$limit" -gt 0 ]; then
      tj_r=$((tj_t0 + limit - tj_u))
      if [ "$tj_r" -le 0 ]; then : >"$d/timedout"; limit=0; tj_kill "$1"; continue; fi
      [ "$tj_r" -lt "$tj_step" ] || tj_r=$tj_step
    else tj_r=$tj_step; fi
    tj_sleep "$tj_r"
    set -- "$1" $(wc -c "$d/out" "$d/err" 2>/dev/null)
    for tj_a in "$2:out" "$4:err"; do
      [ "\${tj_a%:*}" -gt "$cap" ] || continue
      : >"$d/cut"
      truncate -s "$cap" "$d/\${tj_a#*:}" 2>/dev/null || dd if=/dev/null of="$d/\${tj_a#*:}" bs=1 seek="$cap" count=0 2>/dev/null
    done
    tj_sum=$(($2 + $4))
    tj_step=100; [ $((tj_sum - tj_was)) -lt 4000000 ] || tj_step=5
    tj_was=$tj_sum; [ "$tj_was" -lt "$cap" ] || tj_was=$cap
    if [ -f "$d/rc" ]; then limit=0; kill -0 -- "-$1" 2>/dev/null || exit 0; [ "$tj_step" -lt 100 ] || tj_step=300; fi
    tj_stat "$1" || tj_group "$1" || exit 0
  done
}
exec 3<"\${in:-/dev/null}" || exit 70
[ -z "$in" ] || rm -f "$in"
tj_boot; tj_stat $$
tj_mine="$tj_b $$ $tj_t $spec" tj_file=$d/t.$tj_b.$$.$tj_t tj_i=1
printf '%s\\n' "$tj_mine" >"$tj_file" || { rm -f "$tj_file"; exit 70; }
while :; do
  while [ -e "$d/claim.$tj_i" ]; do
    read -r tj_cb tj_cp tj_ct tj_x <"$d/claim.$tj_i"
    if tj_alive "$tj_cb" "$tj_cp" "$tj_ct"; then rm -f "$tj_file"; exit 75; fi
    tj_i=$((tj_i + 1))
  done
  if [ -e "$d/begin" ] || [ -e "$d/tomb" ]; then rm -f "$tj_file"; exit 75; fi
  ln "$tj_file" "$d/claim.$tj_i" 2>/dev/null && break
  [ -e "$d/claim.$tj_i" ] || { ln "$tj_file" "$d/claim.$tj_i" || { rm -f "$tj_file"; exit 70; }; break; }
done
printf '%-63s\\n' - >"$d/rc.slot" && printf '%-63s\\n' - >"$d/pgid" && : >"$d/out" && : >"$d/err" || exit 70
mv "$tj_file" "$d/begin" || exit 70
sync "$d/begin" "$d" "$d/.." 2>/dev/null || sync
tj_now; tj_t0=$tj_u
if [ -e "$d/tomb" ]; then tj_end void -; exit 0; fi
exec 2>/dev/null
(
  tj_stat self
  printf '%-63s\\n' "$tj_p $tj_t ." 1<>"$d/pgid"
  TOCSIN_JOB=\${d##*/}
  export TOCSIN_JOB
  tj_e=$TJ_ENV tj_d=$d
  unset TJ TJ_ENV d spec limit cap in
  exec <&3 3<&- >>"$tj_d/out" 2>>"$tj_d/err"
  [ -z "$tj_e" ] || { TJ_ENV=$tj_e; export TJ_ENV; exec setsid sh -c 'eval "$TJ_ENV"; unset TJ_ENV; exec "$@"' sh "$@"; }
  exec setsid "$@"
) &
tj_c=$!
tj_watch "$tj_c" 3<&- >/dev/null &
tj_w=$!
exec 3<&-
wait "$tj_c"; tj_e=$?
tj_f=-; [ ! -e "$d/timedout" ] || tj_f=t
kill -0 -- "-$tj_c" 2>/dev/null || kill "$tj_w" 2>/dev/null
tj_end "$tj_e" "$tj_f"
exit 0
`;
