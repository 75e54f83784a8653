import { computed, readonly, ref } from 'vue';
import type { ProviderLocation } from '#core/accounts-view.ts';
import type { SessionView } from '#core/api.ts';
import type { CommandKind, Role } from '#core/command.ts';
import { atLeast, mayOrder } from '../model/roles.ts';
import { ApiProblem, call, setCsrf, whenSignedOut } from './api.ts';
import { forgetDrafts } from './drafts-end.ts';
import { forgetKept } from './keep.ts';

/** Who is signed in here. `guest`: nobody, but the simulated site may be looked at from its own machine. */
const session = ref<SessionView | null>(null);
const known = ref(false);

export const currentSession = readonly(session);
export const sessionKnown = readonly(known);
export const role = computed<Role | null>(() => session.value?.user.role ?? null);

function setSession(next: SessionView | null): void {
  session.value = next;
  known.value = true;
  setCsrf(next?.csrf ?? null);
}

whenSignedOut(() => {
  setSession(null);
  void forgetKept();
});

/** Who was signed in when there was a connection last; the server has not said so now, and orders need its proof first. */
export const resumeSession = (before: SessionView): void => setSession(before);
export const isResumed = (): boolean => session.value?.csrf === '';

/** Asks the server once who this is; a network failure leaves it unknown. */
export async function loadSession(): Promise<void> {
  try {
    setSession(await call<SessionView>('GET', '/session'));
  } catch (thrown) {
    if (thrown instanceof ApiProblem && thrown.status === 401) setSession(null);
    else throw thrown;
  }
}

/** CODE_NEEDED: again, with a one-time code. */
export async function signIn(user: string, password: string, code: string | null = null): Promise<void> {
  setSession(await call<SessionView>('POST', '/session', { user, password, ...(code === null ? {} : { code }) }));
}

/** What the server answered when the first account was made. */
export const takeSession = (made: SessionView): void => setSession(made);

/** Where to go for signing out at the provider too, or null. */
export async function signOut(): Promise<string | null> {
  const answer = await call<ProviderLocation | undefined>('DELETE', '/session').catch((thrown: unknown) => {
    // It has ended already, elsewhere or by itself: that is what was wanted.
    if (thrown instanceof ApiProblem && thrown.code === 'NOT_SIGNED_IN') return undefined;
    throw thrown;
  });
  await forgetKept();
  forgetDrafts();
  setSession(null);
  return answer?.location ?? null;
}

export async function changePassword(current: string, next: string): Promise<void> {
  await call('PUT', '/password', { current, next });
  await loadSession();
}

/** The button for this order is shown to those who may press it. */
export const may = (kind: CommandKind): boolean => mayOrder(role.value, kind);
export const hasRole = (needed: Role): boolean => role.value !== null && atLeast(role.value, needed);
