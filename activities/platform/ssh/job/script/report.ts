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
