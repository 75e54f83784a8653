import { describe, expect, it } from 'vitest';
import { createMibStore } from '#simulators/devices/mib-store.ts';

describe('the agents in memory', () => {
  it('answer a repeated question anew: what moves, and rows that came and went', () => {
    let watts = 10;
    let rows: readonly number[] = [1, 2];
    const store = createMibStore({
      scalars: [{ name: 's', oid: '1.1', type: 'Gauge', read: () => watts }],
      tables: [
        {
          name: 't',
          entry: '1.2.1',
          rows: () => rows,
          columns: [
            { name: 'c', number: 1, type: 'Integer', read: (index) => index * watts },
            { name: 'n', number: 2, type: 'OctetString', constant: true, read: (index) => `row ${index}` },
          ],
        },
      ],
    });
    const oids = ['1.1.0', '1.2.1.1.1', '1.2.1.1.2', '1.2.1.2.2', '1.9.0'];
    expect([...store.read(oids)]).toEqual([10, 10, 20, 'row 2', undefined]);
    watts = 11;
    expect([...store.read(oids)]).toEqual([11, 11, 22, 'row 2', undefined]);
    rows = [1];
    expect([...store.read(oids)]).toEqual([11, 11, undefined, undefined, undefined]);
    rows = [1, 2];
    expect([...store.read(oids)]).toEqual([11, 11, 22, 'row 2', undefined]);
  });
});
