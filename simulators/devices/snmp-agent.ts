import type { Socket } from 'node:dgram';
import snmp, { type Agent, type MibRequest, type ProviderDefinition } from 'net-snmp';
import type { SnmpConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Log, SnmpType, Stop } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import type { MibColumn, MibScalar, MibTable, MibValue, SnmpFace } from './mib.ts';

/** A real SNMP agent in front of a simulated device, on the address that the configuration names for it. */

const SET_REQUEST = 163;

/** What net-snmp hands to a handler beyond its types: a SET comes twice, first to be tested, then to be done. */
type SetAware = MibRequest & { readonly testSet?: boolean; readonly commitSet?: boolean };

export interface SnmpAgent {
  /** Brings rows and access up to date; call after every change of the world. */
  refresh(): void;
  readonly stop: Stop;
}

interface Served {
  readonly agent: Agent;
  readonly refresh: () => void;
}

/** What the network does to a datagram on its way here: hands it over once, twice, late or never. */
export type Datagrams = (deliver: () => void) => void;

/** Listens; resolves when the port is bound. */
export async function startSnmpAgent(
  face: SnmpFace,
  connection: SnmpConnection,
  log: Log,
  network: Datagrams = (deliver) => deliver(),
): Promise<SnmpAgent> {
  const agent = snmp.createAgent({ port: connection.port, address: connection.host }, (error) => {
    if (error !== null) log.debug({ device: face.device, error: error.message }, 'a simulated agent dropped a message');
  });
  const socket = await bound(agent, connection);
  behind(socket, network);
  const rows = new Map(face.mib.tables.map((table) => [table, new Set<number>()]));
  const credential = credentials(agent, connection);
  let allowed = false;
  const refresh = (): void => {
    // A card without power answers nobody.
    if (face.alive() !== allowed) {
      allowed = !allowed;
      if (allowed) credential.allow();
      else credential.deny();
    }
    for (const [table, present] of rows) refreshRows(agent, table, present);
  };
  const served: Served = { agent, refresh };
  for (const scalar of face.mib.scalars) registerScalar(served, scalar);
  for (const table of face.mib.tables) agent.registerProvider(tableProvider(served, table));
  refresh();
  return {
    refresh,
    stop: () =>
      new Promise((resolve) => {
        agent.close(() => resolve());
      }),
  };
}

function refreshRows(agent: Agent, table: MibTable, present: Set<number>): void {
  const wanted = table.rows();
  for (const index of [...present]) {
    if (wanted.includes(index)) continue;
    agent.getMib().deleteTableRow(table.name, [index]);
    present.delete(index);
  }
  for (const index of wanted) {
    if (present.has(index)) continue;
    agent.getMib().addTableRow(table.name, rowOf(table, index));
    present.add(index);
  }
}

/** Puts the network in front of what net-snmp does with a datagram. */
function behind(socket: Socket, network: Datagrams): void {
  const listeners = socket.listeners('message') as ((...message: unknown[]) => void)[];
  socket.removeAllListeners('message');
  socket.on('message', (...message) =>
    network(() => {
      for (const listener of listeners) listener.apply(socket, message);
    }),
  );
}

function bound(agent: Agent, connection: SnmpConnection): Promise<Socket> {
  const { sockets } = (agent as unknown as { listener: { sockets: Record<string, Socket> } }).listener;
  const socket = Object.values(sockets)[0];
  if (socket === undefined) throw new ZhishouError('INVARIANT', 'net-snmp', 'its agent has no socket');
  return new Promise((resolve, reject) => {
    socket.once('listening', () => resolve(socket));
    socket.once('error', (error) =>
      reject(
        new ZhishouError('UNREACHABLE', `udp ${connection.host}:${connection.port}`, error.message, { cause: error }),
      ),
    );
  });
}

const revealed = (value: string | Secret | undefined): string =>
  value instanceof Secret ? value.reveal() : (value ?? '');

function credentials(agent: Agent, connection: SnmpConnection): { allow(): void; deny(): void } {
  const authorizer = agent.getAuthorizer();
  if (connection.version !== '3') {
    const community = revealed(connection.community) || 'public';
    return {
      allow: () => authorizer.addCommunity(community),
      deny: () => authorizer.deleteCommunity(community),
    };
  }
  const name = connection.user ?? 'zhishou';
  return {
    allow: () =>
      authorizer.addUser({
        name,
        level: snmp.SecurityLevel[connection.level ?? 'noAuthNoPriv'],
        ...(connection.auth === undefined ? {} : { authProtocol: String(snmp.AuthProtocols[connection.auth]) }),
        ...(connection.auth_key === undefined ? {} : { authKey: connection.auth_key.reveal() }),
        ...(connection.priv === undefined ? {} : { privProtocol: String(snmp.PrivProtocols[connection.priv]) }),
        ...(connection.priv_key === undefined ? {} : { privKey: connection.priv_key.reveal() }),
      }),
    deny: () => (authorizer as unknown as { deleteUser(user: string): void }).deleteUser(name),
  };
}

const objectType = (type: SnmpType): number => (snmp.ObjectType as unknown as Record<SnmpType, number>)[type];

const access = (writable: boolean): number => Number(snmp.MaxAccess[writable ? 'read-write' : 'read-only']);

function registerScalar({ agent, refresh }: Served, scalar: MibScalar): void {
  const mib = agent.getMib();
  agent.registerProvider({
    name: scalar.name,
    type: snmp.MibProviderType.Scalar,
    oid: scalar.oid,
    scalarType: objectType(scalar.type),
    maxAccess: access(scalar.write !== undefined),
    handler: (request) =>
      serve(
        request,
        (value, commit) => scalar.write?.(value, commit),
        () => {
          refresh();
          mib.setScalarValue(scalar.name, scalar.read());
        },
      ),
  });
  mib.setScalarValue(scalar.name, scalar.read());
}

/** RFC 1628's index columns cannot be read; net-snmp still wants a column to index by. */
const HIDDEN_INDEX = 'hiddenIndex';

const readableIndex = (table: MibTable): MibColumn | undefined => table.columns.find((column) => column.number === 1);

function tableProvider({ agent, refresh }: Served, table: MibTable): ProviderDefinition {
  const hidden =
    readableIndex(table) === undefined
      ? [
          {
            number: 1,
            name: HIDDEN_INDEX,
            type: snmp.ObjectType.Integer,
            maxAccess: Number(snmp.MaxAccess['not-accessible']),
          },
        ]
      : [];
  return {
    name: table.name,
    type: snmp.MibProviderType.Table,
    oid: table.entry,
    maxAccess: Number(snmp.MaxAccess['not-accessible']),
    tableColumns: [
      ...hidden,
      ...table.columns.map((column) => ({
        number: column.number,
        name: column.name,
        type: objectType(column.type),
        maxAccess: access(column.write !== undefined),
      })),
    ],
    tableIndex: [{ columnName: readableIndex(table)?.name ?? HIDDEN_INDEX }],
    handler: (request) => {
      const [number, index] = request.oid
        .slice(table.entry.length + 1)
        .split('.')
        .map(Number);
      const column = table.columns.find((one) => one.number === number);
      if (column === undefined || index === undefined) {
        request.done();
        return;
      }
      serve(
        request,
        (value, commit) => column.write?.(index, value, commit),
        () => {
          refresh();
          if (table.rows().includes(index))
            agent.getMib().setTableSingleCell(table.name, column.number, [index], column.read(index));
        },
      );
    },
  };
}

const rowOf = (table: MibTable, index: number): unknown[] => [
  ...(readableIndex(table) === undefined ? [index] : []),
  ...table.columns.map((column) => column.read(index)),
];

/** A GET renews the value first. A SET is tested, then done on commit only. */
function serve(request: MibRequest, write: (value: MibValue, commit: boolean) => void, renew: () => void): void {
  if (request.operation !== SET_REQUEST) {
    renew();
    request.done();
    return;
  }
  try {
    const value = Buffer.isBuffer(request.setValue) ? request.setValue.toString('utf8') : request.setValue;
    write(typeof value === 'number' ? value : String(value), (request as SetAware).commitSet === true);
    request.done();
  } catch {
    request.done({ errorStatus: Number(snmp.ErrorStatus.WrongValue) });
  }
}
