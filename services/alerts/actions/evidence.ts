import type { Evidence } from '#core/config/device.ts';
import { messageOf } from '#core/errors.ts';
import { definePoint } from '#core/points.ts';
import type { ActionContext, Clock, ReachProbe } from '#core/ports.ts';
import { type Reading, statusTokens } from '#core/reading.ts';
import { type Duration, formatDuration, fromIso, type Instant, milliseconds, seconds } from '#core/time.ts';
import type { ActionRunner, EvidenceChecker, EvidenceItem } from '../seams.ts';
import { checkByController } from './controller-evidence.ts';

/**
 * Looks for proof that something came about. Only what was seen after the action began proves anything (L16): a reading
 * counts when it is good, was received after the beginning and is younger than three intervals; otherwise the answer is
 * "cannot be told", and the device is asked for a fresh one.
 */
export interface EvidenceDependencies {
  readonly clock: Clock;
  readonly reach: ReachProbe;
  readonly runner: ActionRunner;
  readonly latest: {
    reading(device: string, point: string): Reading | null;
    interval(device: string): Duration;
  };
  /** Asks the collector to read the device now. */
  readonly pollNow: (device: string) => void;
}

/** Real time: a port on a local net that has not answered by then is closed. */
const TCP_LIMIT = seconds(3);
const FRESH_INTERVALS = 3;
/** The same device is not asked again sooner than this. */
const POLL_PAUSE = seconds(1);

const EVIDENCE_KINDS: readonly EvidenceItem['kind'][] = ['tcp', 'command', 'ipmi', 'redfish', 'http', 'point'];

type PointEvidence = Extract<Evidence, { point: unknown }>;

export function createEvidenceChecker(dependencies: EvidenceDependencies): EvidenceChecker {
  const { clock, reach, runner, latest, pollNow } = dependencies;
  const askedAt = new Map<string, Duration>();

  function ask(device: string): void {
    const now = clock.monotonic();
    const before = askedAt.get(device);
    if (before !== undefined && now - before < POLL_PAUSE) return;
    askedAt.set(device, now);
    pollNow(device);
  }

  async function checkTcp(tcp: { host: string; port: number }, is: 'open' | 'closed'): Promise<EvidenceItem> {
    return tcpItem(tcp, is, await reach.tcp(tcp.host, tcp.port, TCP_LIMIT));
  }

  function checkPoint(evidence: PointEvidence, context: ActionContext): EvidenceItem {
    const { device, point } = evidence.point;
    const name = `${device}/${point}`;
    const reading = latest.reading(device, point);
    const doubt = doubtOf(reading, latest.interval(device), beginOf(context), clock.now());
    if (doubt !== null || reading === null) {
      ask(device);
      return { kind: 'point', holds: null, detail: `${name}: ${doubt ?? 'no reading'}` };
    }
    const holds = compare(evidence, reading);
    return { kind: 'point', holds, detail: `${name} is ${String(reading.value)}` };
  }

  async function checkCommand(
    evidence: Extract<Evidence, { command: unknown }>,
    context: ActionContext,
  ): Promise<EvidenceItem> {
    const outcome = await runner.run(evidence.command, { ...context, run: `${context.run}/verify` });
    const said = outcome.output?.trim().split('\n')[0];
    const detail = `${outcome.detail}${said ? `: ${said.slice(0, 200)}` : ''}`;
    if (outcome.result === 'ok') return { kind: 'command', holds: true, detail };
    // A command that ran and said no is a no; one that could not be run tells nothing.
    const holds = outcome.result === 'failed' && outcome.exitCode !== undefined ? false : null;
    return { kind: 'command', holds, detail };
  }

  async function checkOne(evidence: Evidence, context: ActionContext): Promise<EvidenceItem> {
    try {
      if ('tcp' in evidence) return await checkTcp(evidence.tcp, evidence.is);
      if ('command' in evidence) return await checkCommand(evidence, context);
      if ('point' in evidence) return checkPoint(evidence, context);
      return await checkByController(evidence, runner, context);
    } catch (error) {
      return { kind: evidenceKind(evidence), holds: null, detail: messageOf(error) };
    }
  }

  function knownNow(evidence: Evidence): boolean {
    if ('tcp' in evidence) return (reach.tcpNow?.(evidence.tcp.host, evidence.tcp.port) ?? null) !== null;
    return 'point' in evidence;
  }

  function checkOneNow(evidence: Evidence, context: ActionContext): EvidenceItem[] {
    if ('point' in evidence) return [checkPoint(evidence, context)];
    if (!('tcp' in evidence)) return [];
    const state = reach.tcpNow?.(evidence.tcp.host, evidence.tcp.port) ?? null;
    return state === null ? [] : [tcpItem(evidence.tcp, evidence.is, state)];
  }

  return {
    check: (evidence, context) => Promise.all(evidence.map((one) => checkOne(one, context))),
    checkNow: (evidence, context) =>
      evidence.every(knownNow) ? evidence.flatMap((one) => checkOneNow(one, context)) : null,
  };
}

const tcpItem = (
  { host, port }: { readonly host: string; readonly port: number },
  is: 'open' | 'closed',
  state: 'open' | 'closed',
): EvidenceItem => ({ kind: 'tcp', holds: state === is, detail: `${host}:${port} is ${state}` });

const evidenceKind = (evidence: Evidence): EvidenceItem['kind'] =>
  EVIDENCE_KINDS.find((kind) => kind in evidence) ?? 'point';

/** When the action began; without it no reading is too old by that measure. */
function beginOf(context: ActionContext): Instant | null {
  const { started } = context.values;
  if (started === undefined) return null;
  const known = begins.get(context);
  if (known !== undefined) return known;
  const begin = fromIso(started);
  begins.set(context, begin);
  return begin;
}

/** Evidence is looked at every few seconds, each time for the same action. */
const begins = new WeakMap<ActionContext, Instant | null>();

function doubtOf(reading: Reading | null, interval: Duration, begin: Instant | null, now: Instant): string | null {
  if (reading === null) return 'no reading';
  if (reading.quality !== 'good')
    return `${reading.quality}${reading.reason === undefined ? '' : ` (${reading.reason})`}`;
  if (begin !== null && reading.receivedAt <= begin) return 'no reading since the action began';
  const age = milliseconds(now - reading.receivedAt);
  return age > interval * FRESH_INTERVALS ? `the last reading is ${formatDuration(age)} old` : null;
}

function compare(evidence: PointEvidence, { value, point }: Reading): boolean {
  if ('below' in evidence) return typeof value === 'number' && value < evidence.below;
  if ('above' in evidence) return typeof value === 'number' && value > evidence.above;
  if (typeof evidence.is === 'string' && definePoint(point)?.kind === 'set')
    return statusTokens(value).has(evidence.is);
  return value === evidence.is;
}
