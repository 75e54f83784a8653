/** The part of net-snmp 3.29 that is used here; the package brings no types. */
declare module 'net-snmp' {
  import type { EventEmitter } from 'node:events';

  export const Version1: 0;
  export const Version2c: 1;
  export const Version3: 3;

  export const ObjectType: {
    readonly Boolean: 1;
    readonly Integer: 2;
    readonly BitString: 3;
    readonly OctetString: 4;
    readonly Null: 5;
    readonly OID: 6;
    readonly IpAddress: 64;
    readonly Counter: 65;
    readonly Gauge: 66;
    readonly TimeTicks: 67;
    readonly Opaque: 68;
    readonly Counter64: 70;
    readonly NoSuchObject: 128;
    readonly NoSuchInstance: 129;
    readonly EndOfMibView: 130;
    readonly [type: number]: string;
  };
  export const PduType: {
    readonly GetRequest: 160;
    readonly GetNextRequest: 161;
    readonly GetResponse: 162;
    readonly SetRequest: 163;
    readonly Trap: 164;
    readonly GetBulkRequest: 165;
    readonly InformRequest: 166;
    readonly TrapV2: 167;
    readonly Report: 168;
    readonly [type: number]: string;
  };
  export const ErrorStatus: Readonly<Record<string, number>>;
  export const SecurityLevel: { readonly noAuthNoPriv: 1; readonly authNoPriv: 2; readonly authPriv: 3 };
  export const AuthProtocols: Readonly<
    Record<'none' | 'md5' | 'sha' | 'sha224' | 'sha256' | 'sha384' | 'sha512', string>
  >;
  /** What encrypts a scoped PDU, by protocol. */
  export const Encryption: {
    readonly algorithms: Readonly<
      Record<
        string,
        {
          encryptPdu(
            pdu: Buffer,
            protocol: string,
            password: string,
            authProtocol: string,
            engine: { engineID: Uint8Array },
          ): { encryptedPdu: Buffer; msgPrivacyParameters: Buffer };
          decryptPdu(
            pdu: Buffer,
            protocol: string,
            salt: Uint8Array,
            password: string,
            authProtocol: string,
            engine: { engineID: Uint8Array },
          ): Buffer;
        }
      >
    >;
  };
  export const Authentication: { passwordToKey(protocol: string, password: string, engineId: Uint8Array): Buffer };
  export const PrivProtocols: Readonly<Record<'none' | 'des' | 'aes' | 'aes256b' | 'aes256r', string>>;
  export const MibProviderType: { readonly Scalar: 1; readonly Table: 2 };
  export const MaxAccess: Readonly<
    Record<'not-accessible' | 'accessible-for-notify' | 'read-only' | 'read-write' | 'read-create', number>
  >;
  export const AccessControlModelType: { readonly None: 0; readonly Simple: 1 };
  export const AccessLevel: { readonly None: 0; readonly ReadOnly: 1; readonly ReadWrite: 2 };
  export const ResponseInvalidCode: Readonly<Record<string, number>>;

  export interface Varbind {
    oid: string;
    type: number;
    /** Number, text (OID, IpAddress), Buffer (OctetString, Opaque, Counter64) or null. */
    value: unknown;
  }
  export interface User {
    name: string;
    level: 1 | 2 | 3;
    authProtocol?: string;
    authKey?: string;
    privProtocol?: string;
    privKey?: string;
  }
  export interface Pdu {
    type: number;
    id: number;
    varbinds: Varbind[];
    community?: string;
    user?: string;
    contextName?: string;
    /** v1 traps. */
    enterprise?: string;
    agentAddr?: string;
    generic?: number;
    specific?: number;
    upTime?: number;
  }
  export interface DgramModule {
    createSocket(type: 'udp4' | 'udp6'): import('node:dgram').Socket;
  }
  export interface SessionOptions {
    version?: 0 | 1 | 3;
    port?: number;
    trapPort?: number;
    retries?: number;
    timeout?: number;
    backoff?: number;
    transport?: 'udp4' | 'udp6';
    sourceAddress?: string;
    sourcePort?: number;
    idBitsSize?: 16 | 32;
    context?: string;
    engineID?: string;
    backwardsGetNexts?: boolean;
    reportOidMismatchErrors?: boolean;
    dgramModule?: DgramModule;
  }
  type Answer<T> = (error: Error | null, varbinds: T) => void;
  /** A question under way. */
  export interface Request {
    readonly message: {
      readonly version: 0 | 1 | 3;
      readonly community: string;
      /** What is sent; made of the rest when it is not there. */
      buffer: Buffer | undefined;
      readonly pdu: { readonly type: number; readonly id: number; readonly varbinds: readonly { oid: string }[] };
    };
    responseCb: Answer<Varbind[]>;
  }
  export interface Session extends EventEmitter {
    readonly dgram: import('node:dgram').Socket;
    readonly version: 0 | 1 | 3;
    /** Of v1 and v2c. */
    readonly community: string;
    /** By the PDU's id. */
    readonly reqs: Readonly<Record<number, Request>>;
    /** Takes it off the list and ends its time-out. */
    unregisterRequest(id: number): Request | null;
    send: (this: Session, request: Request, noWait?: boolean) => Session;
    onMsg(buffer: Buffer): void;
    cancelRequests(error: Error): void;
    get(oids: string[], done: Answer<Varbind[]>): this;
    getNext(oids: string[], done: Answer<Varbind[]>): this;
    getBulk(oids: string[], nonRepeaters: number, maxRepetitions: number, done: Answer<(Varbind | Varbind[])[]>): this;
    set(varbinds: Varbind[], done: Answer<Varbind[]>): this;
    trap(typeOrOid: number | string, varbinds: Varbind[], options: object, done: (error: Error | null) => void): this;
    trap(typeOrOid: number | string, varbinds: Varbind[], done: (error: Error | null) => void): this;
    inform(typeOrOid: number | string, varbinds: Varbind[], done: (error: Error | null) => void): this;
    close(): this;
  }
  export function createSession(target: string, community: string, options?: SessionOptions): Session;
  export function createV3Session(target: string, user: User, options?: SessionOptions): Session;
  export function isVarbindError(varbind: Varbind): boolean;
  export function varbindError(varbind: Varbind): string;

  export interface ReceivedMessage {
    pdu: Pdu;
    rinfo: { address: string; port: number; family: string };
  }
  export interface Authorizer {
    addCommunity(community: string): void;
    deleteCommunity(community: string): void;
    addUser(user: User): void;
    getAccessControlModel(): {
      setCommunityAccess(community: string, level: 0 | 1 | 2): void;
      setUserAccess(user: string, level: 0 | 1 | 2): void;
    };
  }
  export interface ListenerOptions {
    port?: number;
    address?: string;
    transport?: 'udp4' | 'udp6';
    disableAuthorization?: boolean;
    includeAuthentication?: boolean;
    accessControlModelType?: 0 | 1;
    engineID?: string;
    context?: string;
    dgramModule?: DgramModule;
  }
  export interface Receiver {
    getAuthorizer(): Authorizer;
    close(done?: (socket: unknown) => void): void;
  }
  export function createReceiver(
    options: ListenerOptions,
    callback: (error: (Error & { rinfo?: ReceivedMessage['rinfo'] }) | null, message?: ReceivedMessage) => void,
  ): Receiver;

  export interface MibRequest {
    /** 160 GetRequest … 163 SetRequest. */
    operation: number;
    provider: ProviderDefinition;
    oid: string;
    setValue?: unknown;
    setType?: number;
    done(result?: { errorStatus: number }): void;
  }
  export interface ColumnDefinition {
    number: number;
    name: string;
    type: number;
    maxAccess?: number;
    constraints?: unknown;
    defVal?: unknown;
  }
  export interface ProviderDefinition {
    name: string;
    type: 1 | 2;
    oid: string;
    scalarType?: number;
    maxAccess?: number;
    defVal?: unknown;
    constraints?: unknown;
    tableColumns?: ColumnDefinition[];
    tableIndex?: { columnName?: string; columnNumber?: number; type?: number; implied?: boolean }[];
    handler?: (request: MibRequest) => void;
  }
  export interface Mib {
    registerProvider(provider: ProviderDefinition): void;
    registerProviders(providers: ProviderDefinition[]): void;
    unregisterProvider(name: string): void;
    getScalarValue(name: string): unknown;
    setScalarValue(name: string, value: unknown): void;
    addTableRow(table: string, row: unknown[]): void;
    deleteTableRow(table: string, index: unknown[]): void;
    getTableCells(table: string, byRows?: boolean, includeInstances?: boolean): unknown[] | null;
    getTableRowCells(table: string, index: unknown[]): unknown[] | null;
    getTableSingleCell(table: string, column: number, index: unknown[]): unknown;
    setTableSingleCell(table: string, column: number, index: unknown[], value: unknown): void;
  }
  export interface Agent {
    getMib(): Mib;
    setMib(mib: Mib): void;
    getAuthorizer(): Authorizer;
    registerProvider(provider: ProviderDefinition): void;
    registerProviders(providers: ProviderDefinition[]): void;
    unregisterProvider(name: string): void;
    close(done?: (socket: unknown) => void): void;
  }
  export function createAgent(
    options: ListenerOptions & { mibOptions?: object },
    callback: (error: Error | null, message?: ReceivedMessage) => void,
    mib?: Mib,
  ): Agent;
  export function createMib(options?: object): Mib;

  const snmp: typeof import('net-snmp');
  export default snmp;
}
