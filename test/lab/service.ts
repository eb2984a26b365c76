/** A tiny service facility for every lab host: `svc start|stop|restart|status NAME`, as an init system would do it. */

/** HTTP server of one service: `/` says who answers; while `NAME.sick` exists it answers 503. */
export const serverScript = `
const { createServer } = require('node:http');
const { existsSync } = require('node:fs');
const [, , home, name, host, address, port] = process.argv;
const began = Date.now();
createServer((request, response) => {
  const sick = existsSync(home + '/services/' + name + '.sick');
  response.writeHead(sick ? 503 : 200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ service: name, host, pid: process.pid, healthy: !sick, began }) + '\\n');
}).listen(Number(port), address);
`;

export function serviceScript(options: {
  readonly home: string;
  readonly node: string;
  readonly host: string;
  readonly address: string;
}): string {
  return `#!/bin/sh
# svc start|stop|restart|status NAME
home='${options.home}'
verb=$1 name=$2
case $name in '' | *[!a-z0-9-]*) echo "svc: name a service" >&2; exit 2 ;; esac
[ -f "$home/services/$name" ] || { echo "svc: unknown service $name" >&2; exit 4; }
read -r port < "$home/services/$name"
pidfile=$home/run/$name.pid
alive() { [ -f "$pidfile" ] && read -r pid < "$pidfile" && kill -0 "$pid" 2>/dev/null; }
start() {
  alive && return 0
  setsid '${options.node}' "$home/server.js" "$home" "$name" '${options.host}' '${options.address}' "$port" </dev/null >>"$home/log/$name.log" 2>&1 &
  echo $! > "$pidfile"
  sleep 0.1
  alive || { echo "svc: $name did not start" >&2; tail -n 3 "$home/log/$name.log" >&2; return 1; }
}
stop() {
  alive || { rm -f "$pidfile"; return 0; }
  kill "$pid"
  n=0
  while kill -0 "$pid" 2>/dev/null; do n=$((n + 1)); [ "$n" -lt 50 ] || kill -9 "$pid"; sleep 0.05; done
  rm -f "$pidfile"
}
case $verb in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) if alive; then echo running; else echo stopped; exit 3; fi ;;
  *) echo "svc: start, stop, restart or status" >&2; exit 2 ;;
esac
`;
}
