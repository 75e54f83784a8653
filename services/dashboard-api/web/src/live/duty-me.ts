import { computed } from 'vue';
import type { Me } from '../model/duty-list.ts';
import { currentSession } from './session.ts';
import { live } from './store.ts';

/** Which person of the room is signed in, and with which functions; null: an account of nobody. */
export const me = computed((): Me | null => {
  const id = currentSession.value?.user.person ?? null;
  if (id === null) return null;
  return { person: id, functions: live.site?.people.find((person) => person.id === id)?.functions ?? [] };
});
