/** Tokens of programs. */
export default {
  tokens: {
    title: 'Tokens of programs',
    text: 'For other systems that call this one. Give each only what it needs: Alertmanager takes the role duty and “send alerts in”.',
    made: 'The token of {name}, shown this once:',
    name: 'What for',
    used: 'Last used',
    until: 'Valid until',
    end: 'Revoke',
    days: 'Days',
    add: 'Make a token',
  },
};
