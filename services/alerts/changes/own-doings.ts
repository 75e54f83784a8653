import type { Config } from '#core/config/config.ts';
import type { Action, Evidence, Operation } from '#core/config/device.ts';
import type { ActionContext, Clock } from '#core/ports.ts';
import { type Duration, type Instant, minutes, plus } from '#core/time.ts';
import type { ActionRunner } from '../seams.ts';
import type { UnitOfWork } from '../unit-of-work.ts';

/** What plans order changes equipment by intention: on which devices, and for how long that explains a change. */
export interface OwnDoings {
  restore(): void;
  /** The runner itself, with each of its orders noted. */
  watching(runner: ActionRunner): ActionRunner;
  explains(device: string, at: Instant): boolean;
}

/** A server takes minutes to go down, an outlet's delay runs, and the next poll has to come. */
const AFTER: Duration = minutes(15);
const PREFIX = 'changes/ours/';

export function createOwnDoings({
  config,
  clock,
  work,
}: {
  readonly config: Pick<Config, 'devices'>;
  readonly clock: Clock;
  readonly work: UnitOfWork;
}): OwnDoings {
  const until = new Map<string, Instant>();
  const devices = new Map(config.devices.map((device) => [device.id, device]));

  /** The device that is acted on, the one that is ordered to, those whose points prove it, and what feeds it. */
  function touchedBy(action: Action, { values }: ActionContext): Set<string> {
    const touched = new Set<string>();
    if ('snmp_set' in action) touched.add(action.snmp_set.device);
    if ('nut_serve' in action) touched.add(action.nut_serve.ups);
    const device = devices.get(values.device ?? '');
    if (device === undefined) return touched;
    touched.add(device.id);
    for (const feed of device.power?.feeds ?? []) touched.add(feed.split('/')[0] ?? feed);
    for (const operation of [device.backup, device.shutdown, device.power_off, device.start])
      for (const named of operation === undefined ? [] : namedBy(operation)) touched.add(named);
    return touched;
  }

  function note(action: Action, context: ActionContext, extra: Duration): void {
    work.run(() => {
      for (const device of touchedBy(action, context)) {
        const end = plus(plus(clock.now(), extra), AFTER);
        until.set(device, end);
        work.store.set(PREFIX + device, end);
      }
    });
  }

  return {
    restore() {
      for (const [key, end] of work.store.entries(PREFIX)) until.set(key.slice(PREFIX.length), end as Instant);
    },
    watching: (runner) => ({
      ...runner,
      async run(action, context) {
        note(action, context, context.limit);
        try {
          return await runner.run(action, context);
        } finally {
          note(action, context, context.limit);
        }
      },
    }),
    explains: (device, at) => at <= (until.get(device) ?? -1),
  };
}

const namedBy = ({ by, otherwise, verify }: Operation): string[] => [
  ...[by, ...otherwise].flatMap((action) => ('snmp_set' in action ? [action.snmp_set.device] : [])),
  ...verify.flatMap(provenBy),
];

const provenBy = (evidence: Evidence): string[] => ('point' in evidence ? [evidence.point.device] : []);
