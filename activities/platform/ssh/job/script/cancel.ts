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
