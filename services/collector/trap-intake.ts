import type { Stop, Trap, TrapSource } from '#core/ports.ts';
import { Secret } from '#core/secret.ts';
import { seconds } from '#core/time.ts';
import { limitLog } from '#platform/log.ts';
import { decode, fromVarbind } from './decode.ts';
import type { CollectorDependencies, DeviceJobs } from './seams.ts';
import { matchTrap, type TrapMatch } from './traps.ts';

/**
 * A trap makes its device be read at once (L11), and once more a little later, because many cards send the trap before
 * their own objects follow. It is a hint only: what the reading says decides (L15).
 */
const SECOND_LOOK = seconds(2);

export async function startTraps(
  deps: CollectorDependencies,
  source: TrapSource,
  all: readonly DeviceJobs[],
): Promise<Stop> {
  const { config, clock, log, metrics } = deps;
  const limited = limitLog(log, clock);
  const community = config.site.traps?.community;
  const siteCommunity = community instanceof Secret ? community.reveal() : (community ?? null);
  const byId = new Map(all.map((one) => [one.device.id, one]));
  const secondLooks = new Map<string, () => void>();

  const look = (id: string): void => {
    const jobs = byId.get(id)?.jobs ?? [];
    for (const job of jobs) job.soon('trap');
    secondLooks.get(id)?.();
    const cancel = clock.after(SECOND_LOOK, () => {
      secondLooks.delete(id);
      for (const job of jobs) job.soon('trap');
    });
    secondLooks.set(id, cancel);
  };
  const onTrap = (trap: Trap): void => {
    const targets = all.map((one) => ({ device: one.device, profile: one.profile() }));
    const matches = matchTrap(trap, targets, siteCommunity);
    metrics.count('zhishou_collector_traps_total', { matched: matches.length > 0 ? 'yes' : 'no' });
    if (matches.length === 0) {
      limited.warn('unmatched', { from: trap.from, oid: trap.oid }, 'trap of no known device');
      return;
    }
    for (const match of matches) {
      log.info({ device: match.device, oid: trap.oid, source: match.definition?.source }, 'trap');
      carry(trap, match, byId, deps);
      if (match.definition?.poll !== false) look(match.device);
    }
  };
  const stop = await source.listen(onTrap);
  return async () => {
    for (const cancel of secondLooks.values()) cancel();
    await stop();
  };
}

/** Values that the notification itself brings. */
function carry(trap: Trap, match: TrapMatch, byId: ReadonlyMap<string, DeviceJobs>, deps: CollectorDependencies): void {
  const said = (match.definition?.points ?? []).flatMap((spec) => {
    const varbind = trap.varbinds.find(({ oid }) => oid === spec.oid || oid.startsWith(`${spec.oid}.`));
    return varbind === undefined ? [] : [{ point: spec.point, decoded: decode(fromVarbind(varbind), spec) }];
  });
  if (said.length > 0) byId.get(match.device)?.book.heard(said, 'trap', deps.clock.now(), false);
}
