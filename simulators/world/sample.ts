import { chargePercent, trueRemainingMs } from './battery.ts';
import { humidityAt } from './climate.ts';
import { machinesRemainingS } from './remaining.ts';
import type { Running } from './state.ts';
import { record } from './truth.ts';

/** Keeps for the checkers what cannot be worked out afterwards: true remaining times, the room's climate. */

const SAMPLE_MS = 60_000;
const CLIMATE_MS = 60_000;

/** On battery: each minute, and whenever a load has changed since the last one. `physicsAt` is now. */
export function sampleOutage(running: Running, nowMs: number): void {
  const { world } = running;
  const last = world.truth.supplySamples.at(-1);
  const threatened = last?.remainingS.some((seconds) => seconds !== null) === true;
  let onBattery = false;
  let changed = !threatened || nowMs - (last?.at ?? 0) >= SAMPLE_MS;
  for (const ups of world.upses) {
    if (ups.mode !== 'battery') continue;
    onBattery = true;
    changed ||= world.truth.samples.findLast((one) => one.ups === ups.id)?.loadWatts !== ups.loadWatts;
  }
  if (onBattery && changed) keepUpses(running, nowMs);
  if (onBattery ? changed : threatened) keepSupply(running, nowMs);
}

function keepUpses(running: Running, nowMs: number): void {
  const { world, plan } = running;
  for (let i = 0; i < world.upses.length; i++) {
    const ups = world.upses[i];
    const spec = plan.upses[i];
    if (ups === undefined || spec === undefined || ups.mode !== 'battery') continue;
    record(world.truth, world.truth.samples, {
      at: nowMs,
      ups: ups.id,
      remainingS: trueRemainingMs(spec, ups.battery, ups.loadWatts) / 1000,
      chargePercent: chargePercent(ups.battery),
      loadWatts: ups.loadWatts,
    });
  }
}

function keepSupply(running: Running, nowMs: number): void {
  const { truth } = running.world;
  record(truth, truth.supplySamples, { at: nowMs, remainingS: machinesRemainingS(running) });
}

/** While any battery charges: each minute. */
export function sampleCharges(running: Running, nowMs: number): void {
  const { truth, upses } = running.world;
  if (nowMs - (truth.charges?.at(-1)?.at ?? 0) < SAMPLE_MS) return;
  const percent = upses.map(({ battery }) => chargePercent(battery));
  if (percent.every((one) => one > 99.5)) return;
  truth.charges ??= [];
  record(truth, truth.charges, { at: nowMs, percent }, true);
}

export function sampleClimate(running: Running, nowMs: number): void {
  const { truth, climate } = running.world;
  const last = truth.climate.at(-1);
  const passed = last !== undefined && Math.floor(last.temperatureC) !== Math.floor(climate.temperatureC);
  if (last !== undefined && !passed && nowMs - last.at < CLIMATE_MS) return;
  record(
    truth,
    truth.climate,
    {
      at: nowMs,
      temperatureC: climate.temperatureC,
      humidity: humidityAt(climate.vapourPa, climate.temperatureC),
    },
    true,
  );
}
