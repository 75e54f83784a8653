import { expect, test } from 'vitest';
import { COMMAND_ROLES, ROLES } from '#core/command.ts';
import { mayOrder, NEEDED_ROLE, ROLE_ORDER } from '../../services/dashboard-api/web/src/model/roles.ts';

test("the page's copy of the roles is the service's own", () => {
  expect(ROLE_ORDER).toEqual(ROLES);
  expect(NEEDED_ROLE).toEqual(COMMAND_ROLES);
});

test('nobody signed in may order nothing', () => {
  expect(Object.keys(NEEDED_ROLE).filter((kind) => mayOrder(null, kind as keyof typeof NEEDED_ROLE))).toEqual([]);
});
