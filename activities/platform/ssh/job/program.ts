/**
 * The program that runs on the host, in POSIX sh, from standard input; nothing is installed there. One folder per key:
 *
 * | file | meaning |
 * |---|---|
 * | `claim.N` | hard link, so created whole or not at all: `boot-id pid start-ticks spec` of a runner that wanted to begin |
 * | `begin` | renamed from the runner's claim and on disk before the command runs; once there, nobody may begin again, ever |
 * | `pgid` | `pid start-ticks .` of the command, leader of its own session and group |
 * | `out`, `err` | what it printed, whole up to the cap; `cut` exists when more was dropped |
 * | `rc` | `rc EXIT FLAGS CENTISECONDS .`, renamed from a slot allocated beforehand, so that a full disk cannot lose it |
 * | `tomb` | asked to stop; written before looking for a running job, while a runner looks for it after `begin` |
 *
 * Built-ins wherever possible: on a small host a fork is what costs.
 */

/** Who am I, who lives, how does the job stand. Used by all verbs and by the runner. */
export const common = `
tj_boot() { tj_b=none; { read -r tj_b </proc/sys/kernel/random/boot_id; } 2>/dev/null; :; }
tj_stat() {
  tj_l= tj_x=
  if [ ! -r /proc/self/stat ]; then
    kill -0 "$1" 2>/dev/null || return 1
    tj_s=R tj_t=0 tj_g=$1 tj_n=$1 tj_pp=0; return 0
  fi
  { while read -r tj_x; do tj_l="$tj_l $tj_x"; done <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$tj_l" ] || return 1
  tj_p=\${tj_l%% (*}; tj_p=\${tj_p# }
  set -- \${tj_l##*) }
  tj_s=$1 tj_pp=$2 tj_g=$3 tj_n=$4; shift 19; tj_t=$1
}
tj_alive() { [ "$1" = "$tj_b" ] && tj_stat "$2" && [ "$tj_t" = "$3" ] && [ "$tj_s" != Z ]; }
tj_group() {
  for tj_q in /proc/[0-9]*; do
    tj_stat "\${tj_q#/proc/}" || continue
    [ "$tj_s" = Z ] && continue
    [ "$tj_g" = "$1" ] && return 0
    [ "$tj_n" = "$1" ] && return 0
  done
  return 1
}
tj_now() {
  tj_u=
  { read -r tj_u tj_x </proc/uptime; } 2>/dev/null
  [ -n "$tj_u" ] || tj_u=$(date +%s).00
  tj_u=\${tj_u%.*}\${tj_u#*.}
}
tj_sleep() {
  tj_x=$(($1 % 100)); case $tj_x in ?) tj_x=0$tj_x ;; esac
  sleep "$(($1 / 100)).$tj_x" 2>/dev/null || sleep 1
}
tj_kill() {
  for tj_k in TERM KILL; do
    kill -s $tj_k -- "-$1" 2>/dev/null
    for tj_q in /proc/[0-9]*; do
      tj_stat "\${tj_q#/proc/}" && [ "$tj_n" = "$1" ] && [ "$tj_g" != "$1" ] && kill -s $tj_k "$tj_p" 2>/dev/null
    done
    tj_i=0
    while tj_group "$1"; do
      tj_i=$((tj_i + 1))
      if [ $tj_k = TERM ]; then [ $tj_i -lt 60 ] || break; else [ $tj_i -lt 30 ] || return 1; fi
      tj_sleep 8
    done
    tj_group "$1" || return 0
  done
}
tj_rcfile() {
  tj_rc=- tj_f=- tj_cs=0
  [ -f "$d/rc" ] || return 1
  read -r tj_x tj_e tj_y tj_z tj_w <"$d/rc"
  [ "$tj_x" = rc ] && [ "$tj_w" = . ] || return 1
  tj_rc=$tj_e tj_f=$tj_y tj_cs=$tj_z
  tj_state=done; [ "$tj_rc" != void ] || tj_state=cancelled
}
tj_look() {
  tj_spec=- tj_state=absent
  if [ -f "$d/begin" ]; then
    read -r tj_cb tj_cp tj_ct tj_spec <"$d/begin"
    tj_rcfile && return
    if [ "$tj_cb" != "$tj_b" ]; then tj_state=lost-reboot; return; fi
    if tj_alive "$tj_cb" "$tj_cp" "$tj_ct"; then tj_state=running; return; fi
    tj_rcfile && return
    tj_pg= tj_pt= tj_x=
    { read -r tj_pg tj_pt tj_x <"$d/pgid"; } 2>/dev/null
    if [ "$tj_x" = . ] && tj_own && tj_group "$tj_pg"; then tj_state=orphan; return; fi
    tj_rcfile || tj_state=lost
    return
  fi
  tj_rc=- tj_f=- tj_cs=0 tj_i=1
  while [ -e "$d/claim.$tj_i" ]; do
    read -r tj_cb tj_cp tj_ct tj_spec <"$d/claim.$tj_i"
    tj_state=stale
    if tj_alive "$tj_cb" "$tj_cp" "$tj_ct"; then tj_state=starting; return; fi
    tj_i=$((tj_i + 1))
  done
  if [ -f "$d/begin" ]; then tj_look; return; fi
  [ ! -e "$d/tomb" ] || tj_state=cancelled
}
tj_own() { tj_stat "$tj_pg" || return 0; [ "$tj_t" = "$tj_pt" ]; }
`;

/** Answers: one line, then exactly the announced bytes of both streams. State first, sizes after: what is `done` is whole. */
export const report = `
tj_sizes() {
  tj_so=0 tj_se=0
  if [ -s "$d/out" ] || [ -s "$d/err" ]; then
    set -- $(wc -c "$d/out" "$d/err" 2>/dev/null)
    tj_so=$1 tj_se=$3
    [ "$tj_so" -le "$cap" ] || { tj_so=$cap tj_c=c; }
    [ "$tj_se" -le "$cap" ] || { tj_se=$cap tj_c=c; }
  fi
}
tj_part() {
  [ "$3" -gt 0 ] || return 0
  if [ "$2" -eq 0 ]; then head -c "$3" "$1"; else tail -c "+$(($2 + 1))" "$1" | head -c "$3"; fi
}
tj_report() {
  tj_c=-; [ ! -e "$d/cut" ] || tj_c=c
  [ ! -e "$d/swept" ] || tj_c=s
  tj_sizes
  tj_no=$((tj_so - oo)) tj_ne=$((tj_se - oe))
  [ "$tj_no" -gt 0 ] || tj_no=0; [ "$tj_no" -le "$max" ] || tj_no=$max
  [ "$tj_ne" -gt 0 ] || tj_ne=0; [ "$tj_ne" -le "$max" ] || tj_ne=$max
  printf '%s %s %s %s %s %s %s %s %s %s %s %s\\n' "$nonce" "$tj_state" "$tj_spec" "$tj_rc" "$tj_f$tj_c" "$tj_cs" "$tj_so" "$tj_se" "$tj_no" "$tj_ne" "$tj_b" "\${1:--}"
  tj_part "$d/out" "$oo" "$tj_no"
  tj_part "$d/err" "$oe" "$tj_ne"
  exit 0
}
tj_poll() {
  tj_now; tj_until=$((tj_u + $1)) tj_step=2
  while :; do
    tj_look
    case $tj_state in running | starting | orphan) ;; *) break ;; esac
    tj_sizes
    [ "$tj_so" -le "$oo" ] && [ "$tj_se" -le "$oe" ] || break
    tj_now; [ "$tj_u" -lt "$tj_until" ] || break
    tj_sleep $tj_step
    [ $tj_step -ge 16 ] || tj_step=$((tj_step * 2))
  done
  tj_report
}
`;

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

/** Asks, insists after five seconds, and looks whether anything is left: in the group, the session, or escaped from both. */
export const cancel = `
tj_cancel() {
  tj_boot
  [ -d "$d" ] || mkdir -p -m 700 "$d" || { tj_state=nostart tj_spec=- tj_rc=- tj_f=- tj_cs=0; tj_report mkdir; }
  : >"$d/tomb" || { tj_state=nostart tj_spec=- tj_rc=- tj_f=- tj_cs=0; tj_report tomb; }
  sync "$d/tomb" "$d" 2>/dev/null || sync
  tj_j=0 tj_gone=1
  while :; do
    tj_look
    case $tj_state in
      starting) ;;
      running | orphan) tj_pg= tj_x=; { read -r tj_pg tj_pt tj_x <"$d/pgid"; } 2>/dev/null; [ "$tj_x" != . ] || break ;;
      *) break ;;
    esac
    tj_j=$((tj_j + 1)); [ $tj_j -lt 60 ] || { tj_gone=0; break; }
    tj_sleep 5
  done
  if [ $tj_gone = 1 ]; then
    tj_pg= tj_pt= tj_x=
    { read -r tj_pg tj_pt tj_x <"$d/pgid"; } 2>/dev/null
    case $tj_state in
      running | orphan)
        tj_own && { tj_kill "$tj_pg" || tj_gone=0; }
        tj_j=0
        while tj_look; [ "$tj_state" = running ] && [ $tj_j -lt 40 ]; do tj_j=$((tj_j + 1)); tj_sleep 5; done ;;
    esac
    set -- $(grep -lsF "TOCSIN_JOB=\${d##*/}" /proc/[0-9]*/environ)
    [ $# -eq 0 ] || tj_gone=\${1#/proc/}
    tj_gone=\${tj_gone%/environ}
  fi
  [ "$tj_gone" = 1 ] && tj_report gone
  tj_report "left:$tj_gone"
}
`;

/** Removes output of jobs that ended more than `$1` days ago, and whole folders after `$2` days; what still runs is kept. */
export const sweep = `
tj_sweep() {
  tj_boot
  for d in "$base"/*; do
    [ -d "$d" ] || continue
    tj_look
    case $tj_state in running | starting | orphan) continue ;; esac
    set -- "$1" "$2" $(find "$d" -maxdepth 0 -mtime "+$2" 2>/dev/null)
    if [ $# -gt 2 ]; then rm -rf "$d"; set -- "$1" "$2"; continue; fi
    [ -f "$d/out" ] || continue
    set -- "$1" "$2" $(find "$d" -maxdepth 0 -mtime "+$1" 2>/dev/null)
    [ $# -eq 2 ] || { : >"$d/swept"; rm -f "$d/out" "$d/err"; }
    set -- "$1" "$2"
  done
  printf '%s swept\\n' "$nonce"
}
`;
