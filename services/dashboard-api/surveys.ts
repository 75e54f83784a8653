import { ZhishouError } from '#core/errors.ts';
import type { Bus, Cancel, Clock, Log, Stop } from '#core/ports.ts';
import type { Secret } from '#core/secret.ts';
import { begunSurvey, SURVEY_PURPOSE, type SurveyAsk, type SurveyOrder, type SurveyState } from '#core/survey.ts';
import { type Instant, minutes, seconds } from '#core/time.ts';
import { topic, topicFilter } from '#core/topics.ts';
import { randomSecret } from '#platform/passwords.ts';
import { sealMessage } from '#platform/sealed-message.ts';
import { parseJson } from './parse-json.ts';
import { surveyStateSchema } from './schemas/survey.ts';

/** "Add a device": the order goes out sealed, the collector looks, and what it tells is kept here for the one who asked. */
export interface Surveys {
  start(): Promise<void>;
  stop: Stop;
  /** Its id. Rejects with BUS_DOWN, TOO_MANY. */
  begin(user: string, ask: SurveyAsk): Promise<string>;
  /** Null: not of this person, or forgotten. */
  state(user: string, id: string): SurveyState | null;
  end(user: string, id: string): Promise<void>;
}

export interface SurveysDependencies {
  readonly site: string;
  readonly bus: Bus;
  /** Real time: a person waits. */
  readonly wall: Clock;
  readonly log: Log;
  readonly key: Secret;
}

const MOST_BYTES = 2_000_000;
const MOST_KEPT = 20;
const KEPT_FOR = minutes(15);
/** The collector says at once that it has begun. */
const BEGINS_WITHIN = seconds(5);

interface Kept {
  readonly user: string;
  readonly at: Instant;
  state: SurveyState;
  heard: boolean;
  cancelWait: Cancel;
}

export function createSurveys({ site, bus, wall, log, key }: SurveysDependencies): Surveys {
  const kept = new Map<string, Kept>();
  let stopListening: Stop = async () => {};

  const onState = (payload: Uint8Array): void => {
    if (payload.length === 0 || payload.length > MOST_BYTES) return;
    const parsed = surveyStateSchema.safeParse(parseJson(payload));
    if (!parsed.success) {
      log.warn({ error: parsed.error.issues[0]?.message ?? '' }, 'a survey is not as promised; dropped');
      return;
    }
    const entry = kept.get(parsed.data.id);
    if (entry === undefined) return;
    entry.state = parsed.data;
    entry.heard = true;
    entry.cancelWait();
  };
  const send = async (order: SurveyOrder): Promise<void> => {
    const sealed = sealMessage(order, SURVEY_PURPOSE, key);
    await bus.publish(topic(site, 'survey-order'), JSON.stringify({ sealed }));
  };
  const forget = (): void => {
    for (const [id, { at, cancelWait }] of kept) {
      if (wall.now() - at < KEPT_FOR && kept.size < MOST_KEPT) break;
      cancelWait();
      kept.delete(id);
    }
  };

  return {
    start: async () => {
      stopListening = await bus.subscribe(topicFilter(site, 'survey/+'), ({ payload }) => onState(payload));
    },
    stop: async () => {
      for (const { cancelWait } of kept.values()) cancelWait();
      await stopListening();
    },
    begin: async (user, ask) => {
      forget();
      const id = randomSecret(16);
      const entry: Kept = {
        user,
        at: wall.now(),
        state: begunSurvey(id),
        heard: false,
        cancelWait: wall.after(BEGINS_WITHIN, () => {
          const error = { code: 'TIMED_OUT', detail: 'the collector does not answer' };
          if (!entry.heard) entry.state = { ...entry.state, state: 'failed', error };
        }),
      };
      kept.set(id, entry);
      await send({ id, at: wall.now(), ask });
      return id;
    },
    state: (user, id) => {
      const entry = kept.get(id);
      return entry?.user === user ? entry.state : null;
    },
    end: async (user, id) => {
      const entry = kept.get(id);
      if (entry?.user !== user) throw new ZhishouError('NOT_FOUND', id);
      await send({ id, at: wall.now(), ask: null });
      entry.cancelWait();
      kept.delete(id);
    },
  };
}
