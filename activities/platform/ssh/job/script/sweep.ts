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
