/** Orders without confirmation, the page without a connection, push messages. */
export default {
  waiting: {
    title: 'Not delivered',
    text: 'The server has not confirmed these yet; do not count on them.',
    send: 'Send now',
    discard: 'Withdraw',
    state: {
      unsent: 'not sent',
      unsure: 'not confirmed',
    },
    follows: 'goes out with the connection',
    asks: 'some time has passed: send it only if it still holds',
    kind: {
      'incident-answer': 'Answer',
      'incident-task-done': 'Task done',
      'incident-acknowledge': 'Incident acknowledged',
      'incident-note': 'Note',
      'alert-acknowledge': 'Alert acknowledged',
      other: 'Order',
    },
  },
  push: {
    title: 'Push to this device',
    text: 'Also while the page is closed; needs the internet.',
    unrouted: 'Can be switched on, but none of your ways in people.yaml uses the push channel yet.',
    off: 'site.yaml has no push channel (kind: web-push).',
    denied: 'The browser refuses notices; allow them in its settings for this site.',
    absent: 'Browsers offer it on https pages only; on an iPhone add the page to the home screen first.',
    failed: 'The browser’s push service did not answer; see whether this device has internet.',
    others: 'Other browsers that are told',
    since: 'since {time}',
    end: 'Tell no more',
  },
};
