import type { Figures, IncidentView, TimelineEntry } from '#core/incident.ts';
import type { Evidence, Verdict } from '#simulators/checkers/evidence.ts';
import type { Blueprint } from '#simulators/swarm/blueprint.ts';
import type { SwarmCase } from '#simulators/swarm/case.ts';
import { supplyRemainingS } from '#simulators/world/truth.ts';

/**
 * The story of one run, a line an event, for somebody who must understand at 03:00 what broke: what the world did, what was
 * read and decided with which figures, what was commanded, what people did, and at the end the verdicts.
 */
export function traceOf(
  draft: Blueprint,
  swarmCase: SwarmCase,
  evidence: Evidence,
  verdicts: readonly Verdict[],
): string[] {
  const lines = [
    ...worldLines(evidence),
    ...peopleLines(evidence),
    ...evidence.incidents.flatMap((view) => incidentLines(view, evidence)),
  ];
  return [
    ...siteLines(draft),
    '',
    ...lines
      .sort((a, b) => a.at - b.at || a.rank - b.rank)
      .map(({ at, who, text }) => `${sinceStart(at - swarmCase.startsAt)}  ${who.padEnd(9)} ${text}`),
    '',
    ...verdicts.map((one) => `${one.kept ? 'kept  ' : 'BROKEN'}  ${one.id}  ${one.detail}`),
  ];
}

interface Line {
  readonly at: number;
  /** At one moment: first what the world did, then what came of it. */
  readonly rank: number;
  readonly who: string;
  readonly text: string;
}

function sinceStart(ms: number): string {
  const whole = Math.floor(Math.abs(ms) / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function siteLines(draft: Blueprint): string[] {
  const { plan } = draft;
  const ups = draft.upses.map(
    (one, index) =>
      `  ${one.id}: ${Math.round((one.runtimeS * one.chargePercent) / 6000)} min at ${one.atLoad} W, ${one.ageYears} years old; firmware ×${one.firmwareFactor.toFixed(2)}; test ${one.testedFactor === null ? 'none' : `×${one.testedFactor.toFixed(2)}`}; feeds ${
        draft.machines.filter((machine) => machine.feeds.includes(index)).length
      } machines`,
  );
  const machines = draft.machines.map(
    (one) =>
      `  ${one.id}: ${one.watts.running} W on ${one.feeds.map((feed) => `ups-${feed + 1}`).join('+')}${one.minFeeds > 1 ? ` (needs ${one.minFeeds})` : ''}; down in ${one.shutdownS} s${one.backupS === null ? '' : `, backup ${one.backupS} s`}, estimated ×${one.estimateFactor.toFixed(2)}${one.dependsOn.length === 0 ? '' : `; needs ${one.dependsOn.join(', ')}`}`,
  );
  return [
    `seed ${draft.seed}, ${draft.mode}, begins ${new Date(draft.startsAt).toISOString()}`,
    `plan: limit ${plan.limitS} s, settle ${plan.settleS} s, margin ${Math.round(plan.marginShare * 100)} % or ${plan.marginAtLeastS} s, silence means ${plan.silence}, charge above ${plan.chargeAbove} %, ${plan.sshAtOnce} over ssh at once${plan.without.length === 0 ? '' : `; without ${plan.without.join(', ')}`}`,
    ...ups,
    ...machines,
  ];
}

function worldLines({ truth, downs = [], happenings = [] }: Evidence): Line[] {
  const world = (at: number, text: string): Line => ({ at, rank: 0, who: 'world', text });
  const outlets: readonly string[] = ['outlet-on', 'outlet-off'];
  return [
    ...happenings.map((one) => ({ ...world(one.at, `» ${describe(one.do)}`), rank: -1 })),
    ...truth.power
      .filter((one) => !outlets.includes(one.what))
      .map((one) => world(one.at, `${one.device}: ${one.what}`)),
    ...truth.transitions.map((one) =>
      world(one.at, `${one.device}: ${one.from} → ${one.to} (${one.cause})${one.dataLoss ? ' DATA LOST' : ''}`),
    ),
    ...truth.backups.map((one) => world(one.at, `${one.device}: backup ${one.what} (${one.run})`)),
    ...truth.commands.map((one) => ({
      at: one.at,
      rank: 2,
      who: 'command',
      text: `${one.device} was told ${one.command}${one.detail === '' ? '' : ` ${one.detail}`} while ${one.state}: ${one.effect}`,
    })),
    ...downs.flatMap((one) => [
      { at: one.from, rank: 3, who: 'monitor', text: `${one.part} KILLED` },
      { at: one.until, rank: 3, who: 'monitor', text: `${one.part} started again` },
    ]),
  ];
}

const describe = (command: { readonly kind: string }): string =>
  Object.entries(command)
    .map(([key, value]) => (key === 'kind' ? String(value) : `${key} ${String(value)}`))
    .join(' ');

const peopleLines = ({ orders = [] }: Evidence): Line[] =>
  orders.map(({ at, by, body }) => {
    const { kind, ...rest } = body;
    const more = Object.entries(rest).filter(([key]) => key !== 'incident');
    return {
      at,
      rank: 1,
      who: 'person',
      text: `${by}: ${kind} ${more.map(([key, value]) => `${key} ${String(value)}`).join(', ')}`,
    };
  });

/** Everything but routine: readings that only confirm and reminders say nothing of why. */
function incidentLines(view: IncidentView, evidence: Evidence): Line[] {
  const short = view.plan.id;
  return view.timeline
    .filter((entry) => entry.kind !== 'notification')
    .map((entry) => ({
      at: Date.parse(entry.at),
      rank: 4,
      who: entry.kind,
      text: `[${short}] ${entry.what.en}${entry.why === null ? '' : `: ${entry.why.en}`}${figuresOf(entry)}${truthBeside(entry, evidence)}`,
    }));
}

function figuresOf(entry: TimelineEntry): string {
  if (entry.kind !== 'decision' && entry.kind !== 'clocks' && entry.kind !== 'power') return '';
  const figures = entry.figures as Figures;
  const shown = Object.entries(figures).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`${name}=${String(value)}`],
  );
  return shown.length === 0 ? '' : ` {${shown.join(' ')}}`;
}

/** Beside each decision: what the batteries truly held. */
function truthBeside(entry: TimelineEntry, { truth, config }: Evidence): string {
  if (entry.kind !== 'decision') return '';
  const at = Date.parse(entry.at);
  const lefts = config.devices
    .filter((device) => device.shutdown !== undefined)
    .flatMap((device) => supplyRemainingS(truth, device.id, at - 1) ?? []);
  return lefts.length === 0 ? '' : ` (truly ${Math.round(Math.min(...lefts))} s left)`;
}
