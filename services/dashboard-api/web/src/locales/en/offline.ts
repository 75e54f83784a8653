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
};
