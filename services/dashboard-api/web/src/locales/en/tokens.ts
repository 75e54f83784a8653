/** Tokens of programs. */
export default {
  tokens: {
    title: 'Tokens of programs',
    text: 'For other systems that call this one: Alertmanager needs the role duty to send its alerts.',
    made: 'The token of {name}, shown this once:',
    name: 'What for',
    used: 'Last used',
    until: 'Valid until',
    end: 'Revoke',
    days: 'Days',
    add: 'Make a token',
  },
};
