import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in a time that does not depend on how much of it is right. */
export function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
