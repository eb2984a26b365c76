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
