import type { Evidence } from './evidence.ts';

/**
 * Was this machine's supply to be cut at once, whatever ran behind it (O-FIR-2, O-SHK-1)? By the world's truth: two detectors
 * had gone off or something burned, or two different people had confirmed it, in a plan that knows an emergency power off.
 */
export function emergencyOff(evidence: Evidence, device: string, atMs: number): boolean {
  const { config, truth } = evidence;
  const known = config.devices.some((one) => one.emergency_off !== undefined);
  if (!known || device === '') return false;
  return (
    twoDetectors(evidence, atMs) ||
    truth.room.some((one) => one.what === 'fire' && one.at <= atMs) ||
    twoPeople(evidence, atMs)
  );
}

function twoDetectors({ truth }: Evidence, atMs: number): boolean {
  const smoking = new Set<string>();
  for (const event of truth.room) {
    if (event.at > atMs) break;
    if (event.device === null) {
      if (event.what === 'smoke') return true;
      continue;
    }
    if (event.what === 'smoke') smoking.add(event.device);
  }
  return smoking.size >= 2;
}

/** Two different people gave the same answer to one question, or pressed for it. */
function twoPeople({ orders = [] }: Evidence, atMs: number): boolean {
  const given = new Map<string, Set<string>>();
  for (const { at, by, body } of orders) {
    if (at > atMs || body.kind !== 'incident.answer') continue;
    const key = `${body.incident}/${body.step}/${body.answer}`;
    const people = given.get(key) ?? new Set();
    given.set(key, people.add(by));
    if (people.size >= 2) return true;
  }
  return false;
}
