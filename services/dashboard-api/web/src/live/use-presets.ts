import type { Presets } from '../model/register-form.ts';
import { useWords } from '../words.ts';
import { currentSession } from './session.ts';
import { siteNow } from './site-clock.ts';
import { live } from './store.ts';

/** What `now`, `today`, `me` and `on-duty` mean at this moment, for whoever is signed in here. */
export function usePresets(): () => Presets {
  const { place, tx, person } = useWords();
  return () => {
    const user = currentSession.value?.user ?? null;
    const me = user?.person ?? null;
    return {
      now: siteNow.value,
      timeZone: place.value.timeZone,
      me,
      myName: me === null ? (user?.name ?? '') : person(me) || (user?.name ?? ''),
      onDuty: live.site?.duty?.person ?? null,
      onDutyName: tx(live.site?.duty?.name),
    };
  };
}
