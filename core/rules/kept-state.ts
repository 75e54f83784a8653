import type { StateStore } from '../ports.ts';
import type { RuleState } from './rule-step.ts';

/** A rule's state for a device, and what the store has of it. */
export interface KeptState {
  readonly key: string;
  readonly state: RuleState;
  /** Null for nothing. */
  stored: RuleState | null;
}

/** An idle rule that remembers nothing above its limit needs no row; others are written only when they changed. */
export function saveState(instance: KeptState, state: StateStore): void {
  const { phase, memory } = instance.state;
  const worth =
    phase !== 'idle' ||
    instance.state.flaps !== undefined ||
    memory.tracks !== undefined ||
    Object.values(memory.latched).includes(true) ||
    Object.keys(memory.missingSince).length > 0;
  const kept = worth ? instance.state : null;
  if (sameState(kept, instance.stored)) return;
  instance.stored = kept;
  if (kept === null) state.delete(instance.key);
  else state.set(instance.key, kept);
}

const sameState = (a: RuleState | null, b: RuleState | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.phase === b.phase &&
    a.since === b.since &&
    a.doubtful === b.doubtful &&
    sameFields(a.memory.latched, b.memory.latched) &&
    sameFields(a.memory.missingSince, b.memory.missingSince) &&
    nearlySameTracks(a.memory.tracks, b.memory.tracks) &&
    sameFlaps(a.flaps, b.flaps));

/** A quarter of the samples may be lost to a kill; a write for each would be one for every few seconds of every such test. */
const FEW_SAMPLES = 6;

function nearlySameTracks(now: RuleState['memory']['tracks'], kept: RuleState['memory']['tracks']): boolean {
  if (now === undefined || kept === undefined) return now === kept;
  for (const path in now) {
    const last = kept[path]?.samples.at(-1)?.[0];
    // They stand in their order: when this one is newer than all that is kept, those behind it are.
    const few = now[path]?.samples.at(-FEW_SAMPLES)?.[0];
    if (last === undefined || (few !== undefined && few > last)) return false;
  }
  return true;
}

function sameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let left = 0;
  for (const key in b)
    if (key in a) left++;
    else return false;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    left--;
  }
  return left === 0;
}

function sameFlaps(a: RuleState['flaps'], b: RuleState['flaps']): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.chattering !== b.chattering) return false;
  if (a.spells.length !== b.spells.length) return false;
  return a.spells.every(({ from, to }, index) => from === b.spells[index]?.from && to === b.spells[index]?.to);
}
