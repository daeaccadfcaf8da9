import jsonata from 'jsonata';
import { z } from 'zod';
import { isTooDeep } from './nesting.js';
import { cut } from './words.js';

/** A JSONata expression of the config, compiled once and used for each device, site or alert. */
export interface Expression {
  text: string;
  /** Every name and text that stands in it: what it looks at by name is among them. */
  names: ReadonlySet<string>;
  /**
   * What the expression gives for `input`, as plain values; `undefined` where the path leads nowhere.
   * @throws Error with a sentence that shows the expression and JSONata's reason.
   */
  evaluate(input: unknown): Promise<unknown>;
}

/** Ends an expression that recurses for ever. Long, since many evaluations may wait for each other. */
const LIMITS = { timeout: 10_000, stack: 500 };

/** Halo keeps field values as nvarchar(4000), which counts UTF-16 units as JavaScript does. */
const MAX_TEXT_LENGTH = 4000;

/**
 * Compiles JSONata.
 * @throws Error with a sentence that shows the expression, JSONata's reason and the position.
 */
export function compileExpression(text: string): Expression {
  const compiled = compile(text);
  return {
    text,
    names: new Set(namesIn(compiled.ast(), new Set())),
    evaluate: async (input) => {
      try {
        return plain(await compiled.evaluate(input));
      } catch (error) {
        throw new Error(`The expression ${JSON.stringify(text)} failed: ${reason(error)}.`);
      }
    },
  };
}

/** JSONata's own tree has its parts under many names, some twice. */
function namesIn(node: unknown, seen: Set<object>): string[] {
  if (typeof node !== 'object' || node === null || seen.has(node)) return [];
  seen.add(node);
  const own = nameShape.safeParse(node).data?.value;
  const parts = Object.values(node).flatMap((part) => namesIn(part, seen));
  return own === undefined ? parts : [own, ...parts];
}

const nameShape = z.object({ type: z.enum(['name', 'string']), value: z.string() });

/** A value as the text that Halo keeps: lists of scalars joined with a comma, anything deeper as JSON. */
export function toText(value: unknown): string {
  return cut(fullText(value), MAX_TEXT_LENGTH);
}

function fullText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) {
    return value
      .map(fullText)
      .filter((item) => item !== '')
      .join(', ');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function compile(text: string): jsonata.Expression {
  if (isTooDeep(text)) throw new Error('The brackets of the expression are nested too deeply.');
  try {
    return jsonata(text, LIMITS);
  } catch (error) {
    throw new Error(`${JSON.stringify(text)} is not a valid JSONata expression: ${reason(error)}.`);
  }
}

/**
 * JSONata's lists carry flags of its own, and a function may come out as a value (an object with functions
 * inside): neither may travel on.
 */
function plain(value: unknown): unknown {
  if (typeof value === 'function') throw new Error('it gives a function instead of a value');
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** JSONata throws plain objects with `message` and `position`. */
function reason(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const message = String(error.message).replace(/\.$/, '');
  return 'position' in error ? `${message} (position ${error.position})` : message;
}
