import { createSocket, type Socket } from 'node:dgram';
import snmp from 'net-snmp';
import type { Varbind } from '#core/ports.ts';

/** A free UDP port of loopback. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** A net-snmp agent on loopback that serves scalars and one-index columns as they are; `writable` may be set. */
export async function startUdpAgent(objects: readonly Varbind[], writable: readonly string[], user?: object) {
  const port = await freeUdpPort();
  const agent = snmp.createAgent({ port, address: '127.0.0.1' }, () => {});
  const authorizer = agent.getAuthorizer();
  authorizer.addCommunity('public');
  if (user !== undefined) authorizer.addUser(user as never);
  const columns = new Map<string, Varbind[]>();
  for (const varbind of objects) {
    const column = varbind.oid.replace(/\.\d+$/, '');
    columns.set(column, [...(columns.get(column) ?? []), varbind]);
  }
  for (const [column, rows] of columns) {
    const [first] = rows;
    if (first === undefined) continue;
    const type = snmp.ObjectType[first.type as 'Integer'] as number;
    if (first.oid.endsWith('.0')) {
      const maxAccess = snmp.MaxAccess[writable.includes(first.oid) ? 'read-write' : 'read-only'];
      agent.registerProvider({ name: column, type: 1, oid: column, scalarType: type, maxAccess });
      const { value } = first;
      agent.getMib().setScalarValue(column, value instanceof Uint8Array ? Buffer.from(value).toString() : value);
      continue;
    }
    const entry = column.replace(/\.\d+$/, '');
    const number = Number(column.split('.').at(-1));
    agent.registerProvider({
      name: column,
      type: 2,
      oid: entry,
      maxAccess: snmp.MaxAccess['not-accessible'],
      tableColumns: [
        { number: 1, name: 'index', type: snmp.ObjectType.Integer, maxAccess: snmp.MaxAccess['not-accessible'] },
        { number, name: 'value', type, maxAccess: snmp.MaxAccess['read-only'] },
      ],
      tableIndex: [{ columnName: 'index' }],
    });
    for (const row of rows) agent.getMib().addTableRow(column, [Number(row.oid.split('.').at(-1)), row.value]);
  }
  return { port, agent, stop: () => new Promise<void>((resolve) => agent.close(() => resolve())) };
}

/** An "agent" that answers each datagram with what `reply` makes of it. */
export async function startRawAgent(reply: (request: Buffer, send: (bytes: Uint8Array) => void) => void) {
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (bytes, from) => reply(bytes, (answer) => socket.send(answer, from.port, from.address)));
  return { port: socket.address().port, stop: () => new Promise<void>((resolve) => socket.close(() => resolve())) };
}
