import { z } from 'zod';
import { cellFormats } from '../../src/config/cell.js';
import { either } from './markdown.js';

/** What is known of a table of the config, or of a column of one. */
export interface Shape {
  doc: string;
  /** In words, such as "a list, each item text". */
  holds: string;
  /** What it is where it is left out; `undefined`: nothing. */
  fallback: unknown;
  mayBeLeftOut: boolean;
  /** Of the rows, by their names such as `rmm.company`. */
  columns: Map<string, Shape>;
}

/** Reads what a zod schema of the tables allows. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const doc = z.globalRegistry.get(schema)?.description;
  const shape = unwrapped(schema);
  return doc === undefined ? shape : { ...shape, doc };
}

function unwrapped(schema: z.core.$ZodType): Shape {
  if (schema instanceof z.core.$ZodDefault) {
    const { innerType, defaultValue } = schema._zod.def;
    return { ...shapeOf(innerType), fallback: defaultValue, mayBeLeftOut: true };
  }
  if (schema instanceof z.core.$ZodOptional) {
    return { ...shapeOf(schema._zod.def.innerType), mayBeLeftOut: true };
  }
  return { doc: '', fallback: undefined, mayBeLeftOut: false, ...contentsOf(schema) };
}

function contentsOf(schema: z.core.$ZodType): Pick<Shape, 'holds' | 'columns'> {
  if (schema instanceof z.core.$ZodArray) {
    const { holds, columns } = shapeOf(schema._zod.def.element);
    return { holds: columns.size > 0 ? 'a list of rows, see below' : `a list, each item ${holds}`, columns };
  }
  if (schema instanceof z.core.$ZodRecord) {
    const { holds } = shapeOf(schema._zod.def.valueType);
    return { holds: `a mapping of names, each to ${holds}`, columns: new Map() };
  }
  if (schema instanceof z.core.$ZodObject) {
    return { holds: 'a mapping, see below', columns: columnsOf(schema._zod.def.shape) };
  }
  const cell = cellFormats.get(schema);
  if (!cell)
    throw new Error('There is something in a table of which the reference does not know what it is.');
  return { holds: either(cell.format.kinds), columns: new Map() };
}

function columnsOf(shape: z.core.$ZodShape): Map<string, Shape> {
  const columns = Object.entries(shape).flatMap(([name, schema]): [string, Shape][] => {
    const column = shapeOf(schema);
    return column.columns.size === 0
      ? [[name, column]]
      : [...column.columns].map(([inner, each]): [string, Shape] => [`${name}.${inner}`, each]);
  });
  return new Map(columns);
}
