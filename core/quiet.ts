/**
 * What a timer's callback may return to say: I have started nothing that a promise waits for. A virtual clock that
 * trusts it goes on to the next timer without letting promises settle first; every other clock takes no notice.
 */
export const QUIET: unique symbol = Symbol('quiet');
