import type { ActionDriver, Channel, Journal } from '#core/ports.ts';
import type { ActionRunner, EvidenceChecker } from '#services/alerts/seams.ts';
import type { Kill } from '#simulators/swarm/case.ts';

/**
 * Counts the effects and journal writes of a part over all its lives, and kills it at the moments that the case names:
 * directly after the driver was called or the record is durable, before anything is known or follows of it.
 */
export interface Killer {
  journal(journal: Journal): Journal;
  driver(driver: ActionDriver): ActionDriver;
  channel(channel: Channel): Channel;
  evidence(checker: EvidenceChecker): EvidenceChecker;
  actions(runner: ActionRunner): ActionRunner;
  /** One effect has left the part. */
  effect(): void;
}

export function createKiller(kills: readonly Kill[], kill: (which: Kill) => void, stir: () => void): Killer {
  const counts = { effect: 0, journal: 0 };
  const count = (at: Kill['at']): void => {
    counts[at]++;
    for (const one of kills) if (one.at === at && one.nth === counts[at]) kill(one);
  };
  const afterCall = <T>(call: () => T): T => {
    const result = call();
    stir();
    count('effect');
    return result;
  };
  return {
    journal: (journal) => ({
      ...journal,
      append: (records) => {
        const written = journal.append(records);
        count('journal');
        return written;
      },
    }),
    driver: (driver) => ({ ...driver, run: (...call) => afterCall(() => driver.run(...call)) }),
    channel: (channel) => ({ send: (message) => afterCall(() => channel.send(message)), close: channel.close }),
    evidence: (checker) => ({
      check: (...question) => afterCall(() => checker.check(...question)),
      checkNow: (...question) => {
        const items = checker.checkNow?.(...question) ?? null;
        if (items !== null) count('effect');
        return items;
      },
    }),
    // The effect itself is counted at the driver; here the clock is told that an answer is waited for.
    actions: (runner) => ({
      ...runner,
      run: (...call) => {
        stir();
        return runner.run(...call);
      },
    }),
    effect: () => count('effect'),
  };
}
