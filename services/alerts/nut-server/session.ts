import type { NutSession } from '#platform/nut/nut-listener.ts';
import { encodeWord, type NutLine, quoteWord } from '#platform/nut/nut-words.ts';
import { describeVariable, type UpsPicture, variableType } from './variables.ts';

/** One client's conversation with our server (RFC 9271 section 4): what it has said of itself, and the answer to each line. */
export interface NutHall {
  readonly version: string;
  readonly upses: readonly { readonly id: string; readonly description: string }[];
  look(ups: string): UpsPicture;
  allowed(user: string, password: string): boolean;
  /** Addresses of those that have logged in to this UPS. */
  clients(ups: string): readonly string[];
  onLogin(guest: NutGuest, ups: string): void;
  /** The client has been given `ups.status`. */
  onStatusGiven(guest: NutGuest, ups: string): void;
  onRefused(guest: NutGuest, what: 'login' | 'command' | 'line'): void;
  onGone(guest: NutGuest): void;
}

/** A connection. */
export interface NutGuest {
  readonly address: string;
  readonly user: string | null;
  /** The UPS it draws power from, by its own word. */
  readonly ups: string | null;
}

interface Guest extends NutGuest {
  user: string | null;
  password: string | null;
  ups: string | null;
  failures: number;
}

/** What a client is told: lines, or a refusal's word. `null` hangs up. */
type Answer = { readonly lines: readonly string[]; readonly close?: boolean } | { readonly error: NutError };

type NutError =
  | 'ACCESS-DENIED'
  | 'UNKNOWN-UPS'
  | 'VAR-NOT-SUPPORTED'
  | 'CMD-NOT-SUPPORTED'
  | 'INVALID-ARGUMENT'
  | 'READONLY'
  | 'FEATURE-NOT-CONFIGURED'
  | 'DATA-STALE'
  | 'ALREADY-LOGGED-IN'
  | 'INVALID-PASSWORD'
  | 'ALREADY-SET-PASSWORD'
  | 'INVALID-USERNAME'
  | 'ALREADY-SET-USERNAME'
  | 'USERNAME-REQUIRED'
  | 'PASSWORD-REQUIRED'
  | 'UNKNOWN-COMMAND';

/** NETVER; 1.3 has PRIMARY beside MASTER (NUT 2.8.0). */
const PROTOCOL = '1.3';
/** So many wrong logins and it is hung up on. */
const MOST_FAILURES = 3;
const COMMANDS =
  'HELP VER NETVER PROTVER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD PRIMARY MASTER FSD STARTTLS';

const say = (...lines: string[]): Answer => ({ lines });
const deny = (error: NutError): Answer => ({ error });

type Handler = (hall: NutHall, guest: Guest, words: readonly string[]) => Answer;

export function createNutSession(hall: NutHall, address: string): NutSession {
  const guest: Guest = { address, user: null, password: null, ups: null, failures: 0 };
  return {
    answer(line) {
      const answer = answerTo(hall, guest, line);
      if ('lines' in answer)
        return { text: answer.lines.map((one) => `${one}\n`).join(''), close: answer.close === true };
      return { text: `ERR ${answer.error}\n`, close: guest.failures >= MOST_FAILURES };
    },
    get settled() {
      return guest.ups !== null;
    },
    ended: () => hall.onGone(guest),
  };
}

function answerTo(hall: NutHall, guest: Guest, line: NutLine): Answer {
  if ('problem' in line) {
    hall.onRefused(guest, 'line');
    return deny('INVALID-ARGUMENT');
  }
  const [command = '', ...words] = line.words;
  const handler = HANDLERS.get(command.toUpperCase());
  return handler === undefined ? deny('UNKNOWN-COMMAND') : handler(hall, guest, words);
}

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['HELP', () => say(`Commands: ${COMMANDS}`)],
  ['VER', (hall) => say(`Zhishou ${hall.version} NUT server`)],
  ['NETVER', () => say(PROTOCOL)],
  ['PROTVER', () => say(PROTOCOL)],
  ['STARTTLS', () => deny('FEATURE-NOT-CONFIGURED')],
  ['USERNAME', setUser],
  ['PASSWORD', setPassword],
  ['LOGIN', logIn],
  [
    'LOGOUT',
    (_hall, _guest, words) => (words.length > 0 ? deny('INVALID-ARGUMENT') : { lines: ['OK Goodbye'], close: true }),
  ],
  ['MASTER', refusePrimary],
  ['PRIMARY', refusePrimary],
  ['FSD', refusePrimary],
  ['INSTCMD', withUser((hall, guest) => refuseCommand(hall, guest, 'CMD-NOT-SUPPORTED'))],
  ['SET', withUser(refuseSet)],
  ['GET', get],
  ['LIST', list],
]);

function setUser(_hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  const [name] = words;
  if (name === undefined || words.length !== 1) return deny('INVALID-ARGUMENT');
  if (name === '') return deny('INVALID-USERNAME');
  if (guest.user !== null) return deny('ALREADY-SET-USERNAME');
  guest.user = name;
  return say('OK');
}

function setPassword(_hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  const [password] = words;
  if (password === undefined || words.length !== 1) return deny('INVALID-ARGUMENT');
  if (password === '') return deny('INVALID-PASSWORD');
  if (guest.password !== null) return deny('ALREADY-SET-PASSWORD');
  guest.password = password;
  return say('OK');
}

/** The commands that upsd flags as needing a user: who has none is told so, whatever else is wrong. */
function withUser(handler: Handler): Handler {
  return (hall, guest, words) => {
    if (guest.user === null) return deny('USERNAME-REQUIRED');
    return guest.password === null ? deny('PASSWORD-REQUIRED') : handler(hall, guest, words);
  };
}

function logIn(hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  if (guest.user === null) return deny('USERNAME-REQUIRED');
  if (guest.password === null) return deny('PASSWORD-REQUIRED');
  if (words.length !== 1) return deny('INVALID-ARGUMENT');
  if (guest.ups !== null) return deny('ALREADY-LOGGED-IN');
  const ups = findUps(hall, words[0]);
  if (ups === null) return deny('UNKNOWN-UPS');
  if (!hall.allowed(guest.user, guest.password)) {
    guest.failures++;
    hall.onRefused(guest, 'login');
    return deny('ACCESS-DENIED');
  }
  guest.ups = ups;
  hall.onLogin(guest, ups);
  return say('OK');
}

/** Who goes down, and when, is the plan's to say: no client is primary here, and none may force a shutdown of the others. */
function refusePrimary(hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  if (guest.user === null) return deny('USERNAME-REQUIRED');
  if (guest.password === null) return deny('PASSWORD-REQUIRED');
  if (words.length !== 1) return deny('INVALID-ARGUMENT');
  if (findUps(hall, words[0]) === null) return deny('UNKNOWN-UPS');
  return refuseCommand(hall, guest, 'ACCESS-DENIED');
}

function refuseCommand(hall: NutHall, guest: Guest, error: NutError): Answer {
  hall.onRefused(guest, 'command');
  return deny(error);
}

function refuseSet(hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  const [what = '', name, variable] = words;
  if (what.toUpperCase() === 'TRACKING') return deny('FEATURE-NOT-CONFIGURED');
  if (what.toUpperCase() !== 'VAR' || words.length < 4) return deny('INVALID-ARGUMENT');
  const ups = findUps(hall, name);
  if (ups === null) return deny('UNKNOWN-UPS');
  const known = hall.look(ups).variables.has(variable ?? '');
  return refuseCommand(hall, guest, known ? 'READONLY' : 'VAR-NOT-SUPPORTED');
}

/** Names of UPSes are compared without regard to case, as upsd does; the answer repeats the client's spelling. */
function findUps(hall: NutHall, name: string | undefined): string | null {
  const wanted = (name ?? '').toLowerCase();
  return hall.upses.find(({ id }) => id === wanted)?.id ?? null;
}

function get(hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  const [sub = '', name = '', variable = ''] = words;
  const what = sub.toUpperCase();
  if (what === 'TRACKING') return words.length < 2 ? say('OFF') : deny('FEATURE-NOT-CONFIGURED');
  const needed = what === 'NUMLOGINS' || what === 'UPSDESC' ? 2 : 3;
  if (words.length < needed || !GETS.has(what)) return deny('INVALID-ARGUMENT');
  if (what === 'VAR' && variable.toLowerCase().startsWith('server.')) return serverVariable(hall, name, variable);
  const ups = findUps(hall, name);
  if (ups === null) return deny('UNKNOWN-UPS');
  const echo = encodeWord(name);
  if (what === 'NUMLOGINS') return say(`NUMLOGINS ${echo} ${hall.clients(ups).length}`);
  if (what === 'UPSDESC') return say(`UPSDESC ${echo} ${quoteWord(descriptionOf(hall, ups))}`);
  if (what === 'CMDDESC') return deny('CMD-NOT-SUPPORTED');
  const { variables, stale } = hall.look(ups);
  if (stale) return deny('DATA-STALE');
  const value = variables.get(variable);
  if (what === 'DESC') return say(`DESC ${echo} ${encodeWord(variable)} ${quoteWord(describeVariable(variable))}`);
  if (value === undefined) return deny('VAR-NOT-SUPPORTED');
  if (what === 'TYPE') return say(`TYPE ${echo} ${variable} ${variableType(variable)}`);
  if (variable === 'ups.status') hall.onStatusGiven(guest, ups);
  return say(`VAR ${echo} ${variable} ${quoteWord(value)}`);
}

const GETS = new Set(['VAR', 'TYPE', 'DESC', 'CMDDESC', 'UPSDESC', 'NUMLOGINS']);

function serverVariable(hall: NutHall, name: string, variable: string): Answer {
  const values: Readonly<Record<string, string>> = {
    'server.info': `Zhishou ${hall.version} NUT server`,
    'server.version': hall.version,
  };
  const value = values[variable.toLowerCase()];
  return value === undefined
    ? deny('VAR-NOT-SUPPORTED')
    : say(`VAR ${encodeWord(name)} ${variable} ${quoteWord(value)}`);
}

const descriptionOf = (hall: NutHall, ups: string): string =>
  hall.upses.find(({ id }) => id === ups)?.description ?? 'Unavailable';

function list(hall: NutHall, guest: Guest, words: readonly string[]): Answer {
  const [sub = '', name = '', variable = ''] = words;
  const what = sub.toUpperCase();
  if (what === 'UPS') {
    return framed(
      'UPS',
      hall.upses.map(({ id, description }) => `UPS ${id} ${quoteWord(description)}`),
    );
  }
  const needed = what === 'ENUM' || what === 'RANGE' ? 3 : 2;
  if (words.length < needed || !LISTS.has(what)) return deny('INVALID-ARGUMENT');
  const ups = findUps(hall, name);
  if (ups === null) return deny('UNKNOWN-UPS');
  const echo = encodeWord(name);
  if (what === 'CLIENT') {
    return framed(
      `CLIENT ${echo}`,
      hall.clients(ups).map((address) => `CLIENT ${ups} ${address}`),
    );
  }
  const { variables, stale } = hall.look(ups);
  if (stale) return deny('DATA-STALE');
  if (what === 'ENUM' || what === 'RANGE') {
    return variables.has(variable) ? framed(`${what} ${echo} ${variable}`, []) : deny('VAR-NOT-SUPPORTED');
  }
  // Nothing can be set or ordered here: both lists are empty.
  if (what !== 'VAR') return framed(`${what} ${echo}`, []);
  hall.onStatusGiven(guest, ups);
  return framed(
    `VAR ${echo}`,
    [...variables].map(([key, value]) => `VAR ${echo} ${key} ${quoteWord(value)}`),
  );
}

const LISTS = new Set(['VAR', 'RW', 'CMD', 'ENUM', 'RANGE', 'CLIENT']);

const framed = (query: string, rows: readonly string[]): Answer =>
  say(`BEGIN LIST ${query}`, ...rows, `END LIST ${query}`);
