import { createHash } from 'node:crypto';

/** Chance that can be repeated: the same seed gives the same values in the same order. */
export interface Dice {
  /** A whole number from 0 up to, but not including, `below`. */
  number(below: number): number;
  pick<const L extends readonly [unknown, ...unknown[]]>(list: L): L[number];
  /** So many lower-case hexadecimal digits, 64 at most. */
  hex(length: number): string;
  /** So many capital letters and digits, 32 at most. */
  code(length: number): string;
  /** Lower-case, of the form that random UUIDs have. */
  uuid(): string;
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Dice that fall as `seed` says: each throw is the hash of the seed and the number of the throw. */
export function makeDice(seed: string): Dice {
  let throws = 0;
  const next = () => createHash('sha256').update(`${seed}#${throws++}`).digest();
  const number = (below: number) => next().readUInt32BE(0) % below;
  const hex = (length: number) => next().toString('hex').slice(0, length);
  return {
    number,
    hex,
    pick: (list) => list[number(list.length)] ?? list[0],
    code: (length) => [...next().subarray(0, length)].map((byte) => LETTERS[byte % 32]).join(''),
    uuid: () => {
      const digits = hex(32);
      const variant = '89ab'[number(4)] ?? '8';
      const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
      return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20)].join('-');
    },
  };
}
