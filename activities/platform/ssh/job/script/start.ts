/** Starts unless the key is taken, waits a moment for the end, answers. `$only` = attach, never start. */
export const start = `
tj_nostart() {
  tj_state=nostart tj_spec=- tj_rc=- tj_f=- tj_cs=0 tj_x=$1
  set -- $(df -Pk "$base" 2>/dev/null | tail -n 1)
  case $4 in [0-9] | 1[0-9]) tj_x=full ;; esac
  tj_report "$tj_x"
}
tj_start() {
  tj_boot
  if [ "$only" = 1 ]; then tj_poll 0; fi
  if [ ! -d "$d" ]; then
    [ -d "$base" ] || mkdir -p -m 700 "$base" || tj_nostart mkdir
    [ -O "$base" ] || tj_nostart owner
    command -v setsid >/dev/null || tj_nostart setsid
    mkdir -m 700 "$d" 2>/dev/null || [ -d "$d" ] || { mkdir -m 700 "$d"; tj_nostart mkdir; }
  fi
  [ -O "$d" ] && [ -x "$d" ] || tj_nostart owner
  tj_look
  [ "$tj_spec" = - ] || [ "$tj_spec" = "$spec" ] || { tj_state=conflict; tj_report; }
  case $tj_state in
    absent | stale) ;;
    *) tj_poll "$wait" ;;
  esac
  [ -z "$cwd" ] || cd -- "$cwd" || tj_nostart cwd
  in=
  if [ "$fed" = 1 ]; then in=$d/in.$$; (umask 077; tj_feed >"$in") || { rm -f "$in"; tj_nostart stdin; }; fi
  trap : USR1
  d=$d spec=$spec limit=$limit cap=$cap in=$in TJ=$tj_code TJ_ENV=$tj_env setsid sh -c 'eval "$TJ"' tocsin-job "$@" </dev/null >/dev/null &
  tj_r=$!
  (tj_sleep "$wait"; tj_stat self; [ "$tj_pp" != $$ ] || kill -s USR1 $$) </dev/null >/dev/null 2>&1 &
  tj_k=$!
  wait "$tj_r"; tj_x=$?
  kill "$tj_k" 2>/dev/null
  [ "$tj_x" != 70 ] && [ "$tj_x" != 127 ] && [ "$tj_x" != 126 ] || tj_nostart runner
  tj_look
  [ "$tj_spec" = - ] || [ "$tj_spec" = "$spec" ] || tj_state=conflict
  [ "$tj_x" != 75 ] || [ "$tj_state" = conflict ] || tj_poll "$wait"
  tj_report
}
`;
