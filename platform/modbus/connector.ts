import type { ModbusConnection } from '#core/config/connections.ts';
import { ZhishouError } from '#core/errors.ts';
import type { Clock } from '#core/ports.ts';
import { milliseconds } from '#core/time.ts';
import type { Dial } from './byte-stream.ts';
import { createLine, type Line } from './line.ts';
import type { ModbusConnector, ModbusLink } from './modbus-link.ts';
import { exceptionName, identityAnswer, identityQuestion, readAnswer, readQuestion } from './pdu.ts';

/** Lets a slow converter turn its line round; on TCP the next question may follow at once. */
const RTU_GAP = milliseconds(30);
const NO_GAP = milliseconds(0);

/** From this object on the maker's own, asked for as "extended" (Application Protocol section 6.21). */
const OWN_OBJECTS = 0x80;
const BASIC = 1;
const EXTENDED = 3;
/** An identification comes in parts; a device that never ends it is believed no longer. */
const MOST_PARTS = 16;

export function createModbusConnector({ dial, clock }: { dial: Dial; clock: Clock }): ModbusConnector {
  const lines = new Map<string, { line: Line; users: number }>();
  return {
    open: (connection) => {
      const { host, port, framing } = connection;
      const key = `${framing} ${host}:${port}`;
      const shared = lines.get(key) ?? { line: createLine({ host, port, framing, dial, clock }), users: 0 };
      lines.set(key, shared);
      shared.users++;
      return createLink(connection, shared.line, () => {
        shared.users--;
        if (shared.users > 0) return;
        shared.line.close();
        if (lines.get(key) === shared) lines.delete(key);
      });
    },
  };
}

function createLink(connection: ModbusConnection, line: Line, release: () => void): ModbusLink {
  const { unit, timeout, framing, host, port } = connection;
  const gap = connection.gap ?? (framing === 'rtu' ? RTU_GAP : NO_GAP);
  const subject = `modbus ${host}:${port} unit ${unit}`;
  let closed = false;
  const ask = (pdu: Uint8Array): Promise<Uint8Array> => {
    if (closed) return Promise.reject(new ZhishouError('UNREACHABLE', subject, 'it was closed'));
    return line.ask({ unit, pdu, timeout, gap });
  };
  return {
    read: async (table, address, count) => {
      const question = readQuestion(table, address, count);
      const answer = readAnswer(question, table, count, await ask(question));
      if (typeof answer === 'string') throw new ZhishouError('BAD_ANSWER', subject, answer);
      if ('exception' in answer) refuseGateway(answer.exception, subject);
      return answer;
    },
    identify: async (from) => {
      const objects = new Map<number, string>();
      let next: number | null = from;
      for (let part = 0; part < MOST_PARTS && next !== null; part++) {
        const question = identityQuestion(from >= OWN_OBJECTS ? EXTENDED : BASIC, next);
        const answer = identityAnswer(question, await ask(question));
        if (typeof answer === 'string') throw new ZhishouError('BAD_ANSWER', subject, answer);
        if ('exception' in answer) {
          refuseGateway(answer.exception, subject);
          break;
        }
        for (const [id, text] of answer.objects) objects.set(id, text);
        // Only forwards: a device that goes in a circle would be asked for ever.
        next = answer.next !== null && answer.next > next ? answer.next : null;
      }
      return objects;
    },
    close: () => {
      if (!closed) release();
      closed = true;
    },
  };
}

/** 10 and 11 are the gateway's words, not the unit's. */
function refuseGateway(exception: number, subject: string): void {
  if (exception === 10 || exception === 11) throw new ZhishouError('UNREACHABLE', subject, exceptionName(exception));
}
