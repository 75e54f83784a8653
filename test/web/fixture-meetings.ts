import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Role } from '#core/command.ts';
import { meetingSchema } from '#core/config/meeting.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Who } from '#core/paperwork/register-rights.ts';
import { instant } from '#core/time.ts';
import { createVirtualClock } from '#platform/clock/virtual-clock.ts';
import { silentLog } from '#platform/log.ts';
import { openMeetingStore } from '#platform/meeting-store.ts';
import { openStateStore } from '#platform/state-store.ts';
import { createMeetings } from '#services/dashboard-api/meetings/meetings.ts';
import { createTaskList } from '#services/dashboard-api/tasks/task-list.ts';
import { makeConfig } from '../dashboard-api/support.ts';

/** The service's own meetings over a made-up room, for the page's tests: a Monday at nine, one late task and one that is not. */
export const MEETING = '2026-11-23';
const NINE = instant(Date.parse('2026-11-23T01:00:00Z'));

export function meetingFixture(role: Role = 'operator') {
  const plain = makeConfig();
  const config = { ...plain, site: { ...plain.site, meeting: meetingSchema.parse({}) } };
  const clock = createVirtualClock(NINE);
  const tasks = createTaskList({ config, store: openStateStore(':memory:'), clock });
  const once = { incident: null, owner: 'lin-hao' };
  tasks.add({ ...once, title: { zh: '更换空调滤网', en: 'Change the filters' }, dueAt: '2026-11-20T10:00:00Z' }, 'x');
  tasks.add({ ...once, title: { zh: '核对负载', en: 'Check the load' }, dueAt: '2026-12-20T10:00:00Z' }, 'x');
  const meetings = createMeetings({
    ...{ config, settings: config.site.meeting, clock, log: silentLog, tasks, registers: null, duties: null },
    ...{ archive: null, store: openMeetingStore(':memory:') },
    model: { incidents: () => [], alarmFigures: () => null },
  });
  const who: Who = { user: 'gao-jie', name: '高洁', role, person: null, functions: [] };
  const asked: string[] = [];

  async function answer(request: IncomingMessage, url: URL): Promise<unknown> {
    const path = url.pathname.slice('/api/v1'.length);
    const [, id = '', rest = ''] = /^\/meetings\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (request.method === 'GET') return id === '' ? { meetings: meetings.list(), next: null } : meetings.get(id, who);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push(`${request.method} ${rest} ${body}`.trim());
    const given = body === '' ? {} : (JSON.parse(body) as never);
    if (rest === 'decisions') return meetings.decide(id, given as never, who);
    if (rest === 'close') return meetings.close(id, who);
    if (rest === 'addenda') return meetings.add(id, (given as { text: string }).text, who);
    return meetings.change(id, given, who);
  }
  return {
    meetings,
    tasks,
    asked,
    who,
    /** For `startMock({ also })`. */
    async also(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
      if (!url.pathname.startsWith('/api/v1/meetings')) return false;
      let status = 200;
      let said: unknown;
      try {
        said = await answer(request, url);
      } catch (error) {
        const code = error instanceof ZhishouError ? error.code : 'INVARIANT';
        status = code === 'NOT_FOUND' ? 404 : code === 'CONFLICT' ? 409 : 400;
        said = { type: 'about:blank', title: code, status, code, detail: String(error) };
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
      return true;
    },
  };
}
