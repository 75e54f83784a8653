/** What can be said of a new password before it is sent; the server has the last word, and knows the earlier ones. */
export interface PasswordRule {
  /** Its words: `password.<id>`. */
  readonly id: 'long' | 'varied' | 'noName';
  readonly met: boolean;
}

export function passwordRules(password: string, user: string): readonly PasswordRule[] {
  const plain = password.toLowerCase();
  const name = user.trim().toLowerCase();
  return [
    { id: 'long', met: password.length >= 8 },
    { id: 'varied', met: new Set(plain).size >= 4 },
    { id: 'noName', met: password !== '' && (name.length <= 2 || !plain.includes(name)) },
  ];
}
