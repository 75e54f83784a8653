import { get } from 'node:http';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { say } from './figures.ts';

/**
 * Wall pages as a process of their own: each opens the stream as a browser does and follows it. All count bytes; the first reads
 * what they say. Told one line of JSON each second.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    clients: { type: 'string', default: '100' },
    /** The first address of this machine that they come from. */
    from: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
  },
});

export interface ClientCounts {
  /** Streams that are open. */
  open: number;
  bytes: number;
  /** Of the first client: events by name. */
  events: Record<string, number>;
  /** Streams that ended, or were refused. */
  lost: number;
}
const counts: ClientCounts = { open: 0, bytes: 0, events: {}, lost: 0 };

function follow(client: number): void {
  const request = get(
    `${values.url}/api/v1/live`,
    {
      // Twenty an address, in case pages are limited by it.
      localAddress: `127.0.0.${Number(values.from) + Math.floor(client / 20)}`,
      headers: values.plain ? {} : { 'accept-encoding': 'gzip, deflate, br' },
      agent: false,
    },
    (response) => {
      if (response.statusCode !== 200) {
        counts.lost++;
        response.resume();
        return;
      }
      counts.open++;
      response.on('data', (chunk: Buffer) => {
        counts.bytes += chunk.length;
      });
      if (client === 0) readEvents(response);
      response.on('close', () => {
        counts.open--;
        counts.lost++;
      });
    },
  );
  request.on('error', () => {
    counts.lost++;
  });
}

function readEvents(response: import('node:http').IncomingMessage): void {
  const packed = response.headers['content-encoding'] === 'gzip';
  const text = packed ? response.pipe(createGunzip()) : response;
  text.on('error', () => {});
  let rest = '';
  text.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const name = /^event: (.*)$/m.exec(rest.slice(0, 200))?.[1] ?? 'comment';
      counts.events[name] = (counts.events[name] ?? 0) + 1;
      rest = rest.slice(end + 2);
    }
  });
}

for (let client = 0; client < Number(values.clients); client++) follow(client);
setInterval(() => say(JSON.stringify(counts)), 1000);
process.on('SIGTERM', () => process.exit(0));
