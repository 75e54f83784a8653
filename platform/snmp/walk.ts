import type { Varbind as RawVarbind } from 'net-snmp';
import type { Varbind } from '#core/ports.ts';
import type { Question } from './question.ts';
import { fromRaw } from './varbinds.ts';

/** The rows below an OID, at most `limit`. Ends at the subtree's end, at the limit, and where an agent goes in circles. */
export async function walkSubtree(
  oid: string,
  limit: number,
  oneByOne: boolean,
  size: number,
  askAgent: <A>(question: Question<A>) => Promise<A>,
): Promise<Varbind[]> {
  const found: Varbind[] = [];
  const seen = new Set<string>();
  let at = oid;
  while (found.length < limit) {
    const from = at;
    const wanted = Math.min(size, limit - found.length);
    const step = await nextOf(from, oneByOne ? 1 : wanted, askAgent);
    for (const raw of step) {
      const varbind = fromRaw(raw);
      const outside = !varbind.oid.startsWith(`${oid}.`) || varbind.type === 'EndOfMibView';
      // Some agents give rows out of order; only a repeated one is a loop.
      if (outside || seen.has(varbind.oid) || found.length >= limit) return found;
      seen.add(varbind.oid);
      found.push(varbind);
      at = varbind.oid;
    }
    if (at === from) return found;
  }
  return found;
}

async function nextOf(
  from: string,
  wanted: number,
  askAgent: <A>(question: Question<A>) => Promise<A>,
): Promise<RawVarbind[]> {
  if (wanted === 1) {
    return askAgent<RawVarbind[]>((open, done) => open.getNext([from], done)).catch(endOfV1);
  }
  const rows = await askAgent<(RawVarbind | RawVarbind[])[]>((open, done) => open.getBulk([from], 0, wanted, done));
  return rows.flat();
}

/** v1 has no endOfMibView: noSuchName is its end. */
function endOfV1(cause: unknown): RawVarbind[] {
  if ((cause as { cause?: { status?: unknown } }).cause?.status === 2) return [];
  throw cause;
}
