import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SnmpConnection } from '#core/config/connections.ts';
import type { SnmpLink, SnmpTransport, Varbind } from '#core/ports.ts';

/** What every SnmpTransport does, over UDP or in memory. The agent behind it serves `CONTRACT_OBJECTS`. */
const BASE = '1.3.6.1.4.1.99999';

export const CONTRACT_OBJECTS: readonly Varbind[] = [
  { oid: `${BASE}.1.0`, type: 'Integer', value: -42 },
  { oid: `${BASE}.2.0`, type: 'OctetString', value: new TextEncoder().encode('机房 UPS') },
  { oid: `${BASE}.3.0`, type: 'Gauge', value: 4_294_967_295 },
  { oid: `${BASE}.4.0`, type: 'OID', value: '1.3.6.1.2.1.33' },
  { oid: `${BASE}.5.0`, type: 'TimeTicks', value: 100 },
  ...Array.from({ length: 60 }, (_, i): Varbind => ({ oid: `${BASE}.10.1.2.${i + 1}`, type: 'Integer', value: i * i })),
  { oid: `${BASE}.11.0`, type: 'Integer', value: 7 },
];
export const WRITABLE = `${BASE}.11.0`;

export interface ContractSubject {
  readonly transport: SnmpTransport;
  readonly connection: SnmpConnection;
  /** An address where nobody answers; null in memory. */
  readonly dead: SnmpConnection | null;
  readonly close: () => Promise<void>;
}

export function snmpTransportContract(name: string, arrange: () => Promise<ContractSubject>): void {
  describe(`an SNMP transport (${name})`, () => {
    let subject: ContractSubject;
    let link: SnmpLink;
    beforeAll(async () => {
      subject = await arrange();
      link = subject.transport.open(subject.connection);
    });
    afterAll(async () => {
      link.close();
      await subject.close();
    });

    it('answers in the order asked, with types and values', async () => {
      const wanted = [`${BASE}.4.0`, `${BASE}.1.0`, `${BASE}.2.0`, `${BASE}.3.0`, `${BASE}.5.0`];
      const answers = await link.get(wanted);
      expect(answers.map(({ oid }) => oid)).toEqual(wanted);
      expect(answers.map(({ type }) => type)).toEqual(['OID', 'Integer', 'OctetString', 'Gauge', 'TimeTicks']);
      expect(answers[0]?.value).toBe('1.3.6.1.2.1.33');
      expect(answers[1]?.value).toBe(-42);
      expect(new TextDecoder().decode(answers[2]?.value as Uint8Array)).toBe('机房 UPS');
      expect(answers[3]?.value).toBe(4_294_967_295);
    });

    it('tells an object that is not there, beside those that are (L36)', async () => {
      const answers = await link.get([`${BASE}.1.0`, `${BASE}.77.0`, `${BASE}.11.0`]);
      expect(answers.map(({ value }) => value)).toEqual([-42, null, 7]);
      expect(answers[1]?.type).toMatch(/^NoSuch(Object|Instance)$/);
    });

    it('answers more objects than fit one packet', async () => {
      const wanted = Array.from({ length: 60 }, (_, i) => `${BASE}.10.1.2.${i + 1}`);
      const answers = await link.get([...wanted, ...wanted]);
      expect(answers.map(({ value }) => value)).toEqual([...wanted, ...wanted].map((_, i) => (i % 60) ** 2));
    });

    it('walks the rows below a column, in order, and nothing beyond', async () => {
      const rows = await link.walk(`${BASE}.10.1.2`, 100);
      expect(rows.map(({ value }) => value)).toEqual(Array.from({ length: 60 }, (_, i) => i * i));
    });

    it('walks no further than its limit', async () => {
      expect(await link.walk(`${BASE}.10.1.2`, 7)).toHaveLength(7);
    });

    it('a table that is not there has no rows', async () => {
      expect(await link.walk(`${BASE}.55.1`, 10)).toEqual([]);
    });

    it('sets what can be set, and refuses the rest', async () => {
      await link.set([{ oid: WRITABLE, type: 'Integer', value: 9 }]);
      expect((await link.get([WRITABLE]))[0]?.value).toBe(9);
      await link.set([{ oid: WRITABLE, type: 'Integer', value: 7 }]);
      await expect(link.set([{ oid: `${BASE}.78.0`, type: 'Integer', value: 1 }])).rejects.toMatchObject({
        code: 'REFUSED',
      });
    });

    it('questions asked at once are all answered', async () => {
      const asked = Array.from({ length: 20 }, (_, i) => link.get([`${BASE}.10.1.2.${i + 1}`]));
      const answers = await Promise.all(asked);
      expect(answers.map(([varbind]) => varbind?.value)).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
    });

    it('a closed link answers nothing more, and closing twice is fine', async () => {
      const other = subject.transport.open(subject.connection);
      await other.get([`${BASE}.1.0`]);
      other.close();
      other.close();
      await expect(other.get([`${BASE}.1.0`])).rejects.toMatchObject({ code: 'UNREACHABLE' });
    });

    // Silence needs a network.
    if (name === 'in memory') return;
    it('silence is TIMED_OUT', async () => {
      if (subject.dead === null) throw new Error('no dead address');
      const dead = subject.transport.open(subject.dead);
      await expect(dead.get([`${BASE}.1.0`])).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true });
      dead.close();
    });
  });
}
