/**
 * The uid of a user by name, from the text of /etc/passwd (passwd(5): name, password, uid, …, separated by colons).
 * Undefined where it has no such user.
 */
export function uidOfName(passwd: string, name: string): number | undefined {
  for (const line of passwd.split('\n')) {
    const [user, , uid] = line.split(':');
    if (user === name && uid !== undefined && /^[0-9]+$/.test(uid)) return Number(uid);
  }
  return undefined;
}
