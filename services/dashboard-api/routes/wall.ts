import { messageOf } from '#core/errors.ts';
import { minutes } from '#core/time.ts';
import type { RoomWeather, WallResponse } from '#core/wall-view.ts';
import { problemSchema } from '../schemas/answers.ts';
import { wallSchema } from '../schemas/wall.ts';
import { wallDuty, wallTasks } from '../wall/wall-views.ts';
import { readWeather, weatherDates } from '../wall/weather.ts';
import { API, type Context, type Server } from './context.ts';

/** What a screen on the wall shows beside the live stream: who is on duty and next, what is open, the weather of the week. */

/** Days hardly change; two hundred screens ask the store as often as one. */
const WEATHER_HOLDS = minutes(5);

export function wallRoute(server: Server, context: Context): void {
  const { config, clock, model, tasks, paperwork } = context;
  const weather = createWeather(context);
  server.get(
    `${API}/wall`,
    {
      config: { access: { who: 'reader', wall: true } },
      schema: {
        tags: ['wall'],
        summary: 'Duty and next, open tasks, the weather of the week; without personal numbers',
        response: { 200: wallSchema, default: problemSchema },
      },
    },
    async (): Promise<WallResponse> => ({
      days: weatherDates(clock.now(), config.site.time_zone).map(String),
      duty: wallDuty(config, model.rota(), clock.now()),
      tasks: wallTasks(config, tasks.all()),
      duties: paperwork.duties.wall(),
      weather: await weather(),
    }),
  );
}

/** Asked once for all who come in the same minutes, also while it is being asked. Null while history does not answer. */
function createWeather({ config, clock, wall, history, log }: Context): () => Promise<readonly RoomWeather[] | null> {
  let kept: { readonly until: number; readonly answer: Promise<readonly RoomWeather[] | null> } | null = null;
  return () => {
    if (kept !== null && wall.monotonic() < kept.until) return kept.answer;
    const answer = readWeather(history.store, config, clock.now()).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'the weather of the week could not be read');
      kept = null;
      return null;
    });
    kept = { until: wall.monotonic() + WEATHER_HOLDS, answer };
    return answer;
  };
}
