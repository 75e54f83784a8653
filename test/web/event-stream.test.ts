import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventParser, type StreamEvent } from '../../services/dashboard-api/web/src/live/event-stream.ts';

function parse(...chunks: string[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const feed = createEventParser((event) => events.push(event));
  for (const chunk of chunks) feed(chunk);
  return events;
}

describe('the event stream', () => {
  test.each<[string, StreamEvent[], string]>([
    ['id: 1\nevent: alert\ndata: {"a":1}\n\n', [{ id: '1', name: 'alert', data: '{"a":1}' }], 'a whole event'],
    [': still here\n\n', [], 'a comment only proves that the line is alive'],
    ['data: a\ndata: b\n\n', [{ id: null, name: 'message', data: 'a\nb' }], 'several data lines are joined'],
    ['data:a\r\n\r\n', [{ id: null, name: 'message', data: 'a' }], 'other line ends, no space'],
    ['event: x\n\n', [], 'an event without data is none'],
    ['data: cut off', [], 'what is not finished waits'],
  ])('%j gives %j: %s', (text, events) => {
    expect(parse(text)).toEqual(events);
  });

  test('the id is kept for events that have none of their own', () => {
    expect(parse('id: 7\ndata: a\n\ndata: b\n\n').map(({ id }) => id)).toEqual(['7', '7']);
  });

  test('however the bytes are cut, the same events come out', () => {
    const whole =
      'id: 1\nevent: readings\ndata: {"温":1}\n\n: ping\n\nid: 2\nevent: site\ndata: {}\r\n\r\nevent: alert\ndata: x\ndata: y\n\n';
    const expected = parse(whole);
    expect(expected).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), (cuts) => {
        const marks = [0, ...[...cuts].sort((a, b) => a - b), whole.length];
        expect(parse(...marks.slice(1).map((mark, index) => whole.slice(marks[index], mark)))).toEqual(expected);
      }),
    );
  });
});
