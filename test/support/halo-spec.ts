import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** A request as a simulator records it; `path` without the query. */
export interface SentRequest {
  method: string;
  path: string;
  query: Record<string, unknown>;
  body: unknown;
}

const SPEC = new URL('../../../shared/specs/halo-api.subset.json', import.meta.url);

/** Whether Halo's description lies beside the project. It is not part of it, so a test must say what it left out. */
export const haloSpecAvailable = existsSync(SPEC);

const API = /^\/api(?=\/)/;

/** What clients of real tenants send with success, though the description does not have it. */
const UNDESCRIBED: Record<string, readonly string[]> = {
  'POST /Asset': ['returnall'],
  'POST /Site': ['returnall'],
  'POST /Tickets': ['returnall', 'userlookup', 'usertype', 'do_not_apply_template_in_the_api'],
  'POST /Actions': ['returnall'],
  'GET /Tickets': ['third_party_id', 'third_party_id_string'],
};

interface Schema {
  $ref?: string | undefined;
  type?: string | undefined;
  format?: string | undefined;
  nullable?: boolean | undefined;
  items?: Schema | undefined;
  properties?: Record<string, Schema> | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.string().optional(),
    format: z.string().optional(),
    nullable: z.boolean().optional(),
    items: schemaShape.optional(),
    properties: z.record(z.string(), schemaShape).optional(),
  }),
);

const bodyShape = z.object({ content: z.object({ 'application/json': z.object({ schema: schemaShape }) }) });

const operationShape = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: schemaShape })).default([]),
  requestBody: bodyShape.optional(),
});

const specShape = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationShape)),
  components: z.object({ schemas: z.record(z.string(), schemaShape) }),
});

type Spec = z.infer<typeof specShape>;
type Operation = z.infer<typeof operationShape>;

let loaded: Spec | undefined;

function spec(): Spec {
  loaded ??= specShape.parse(JSON.parse(readFileSync(SPEC, 'utf8')));
  return loaded;
}

/**
 * Holds requests against Halo's own description: paths and methods, names and types of query parameters, and of
 * each property in a body at any depth; ids must be whole numbers. Requests outside of `/api` are not looked at.
 * @returns a sentence per violation.
 */
export function checkAgainstHaloSpec(requests: readonly SentRequest[]): string[] {
  return requests.filter((request) => API.test(request.path)).flatMap(checkRequest);
}

function checkRequest(request: SentRequest): string[] {
  const path = request.path.replace(API, '');
  const [template, operations] = Object.entries(spec().paths).find(([each]) => fits(each, path)) ?? [];
  const operation = operations?.[request.method.toLowerCase()];
  const name = `${request.method} ${template ?? path}`;
  if (!operation) return [`${name} is not described`];
  const undescribed = UNDESCRIBED[name] ?? [];
  return [...checkQuery(request, operation, undescribed), ...checkBody(request, operation, undescribed)].map(
    (violation) => `${name}: ${violation}`,
  );
}

function fits(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '\\d+')}$`).test(path);
}

function checkQuery(request: SentRequest, operation: Operation, undescribed: readonly string[]): string[] {
  return Object.entries(request.query).flatMap(([name, value]) => {
    if (undescribed.includes(name)) return [];
    const parameter = operation.parameters.find((each) => each.in === 'query' && each.name === name);
    if (!parameter) return [`the query parameter ${name} is not described`];
    const pattern = QUERY_PATTERNS[parameter.schema.type ?? ''];
    return !pattern || pattern.test(String(value)) ? [] : [`${name}=${value} is no ${parameter.schema.type}`];
  });
}

/** The types of query parameters are spelled as in C#, not as in JSON Schema. */
const QUERY_PATTERNS: Record<string, RegExp> = {
  int: /^-?\d+$/,
  bool: /^(true|false)$/,
  double: /^-?\d+(\.\d+)?$/,
};

function checkBody(request: SentRequest, operation: Operation, undescribed: readonly string[]): string[] {
  const schema = operation.requestBody?.content['application/json'].schema;
  const isEmpty = request.body === null || request.body === undefined;
  if (!schema) return isEmpty ? [] : ['a body is not described'];
  return checkValue('body', request.body, schema, undescribed);
}

function checkValue(at: string, value: unknown, schema: Schema, undescribed: readonly string[]): string[] {
  if (schema.$ref) return checkValue(at, value, resolve(schema.$ref), undescribed);
  if (value === null) return schema.nullable || !schema.type ? [] : [`${at} may not be null`];
  if (Array.isArray(value) && schema.type === 'array') {
    return value.flatMap((item, index) =>
      checkValue(`${at}[${index}]`, item, schema.items ?? {}, undescribed),
    );
  }
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  if (record.success && schema.properties)
    return checkObject(at, record.data, schema.properties, undescribed);
  const test = schema.type === undefined ? undefined : TYPE_TESTS[schema.type];
  return schema.type === undefined || test?.(value) ? [] : [`${at} is no ${schema.format ?? schema.type}`];
}

function checkObject(
  at: string,
  value: Record<string, unknown>,
  properties: Record<string, Schema>,
  undescribed: readonly string[],
): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (undescribed.includes(name)) return [];
    const schema = properties[name];
    return schema
      ? checkValue(`${at}.${name}`, inner, schema, undescribed)
      : [`${at}.${name} is not described`];
  });
}

const TYPE_TESTS: Record<string, (value: unknown) => boolean> = {
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object',
};

function resolve(reference: string): Schema {
  const name = reference.replace('#/components/schemas/', '');
  const schema = spec().components.schemas[name];
  // The description at hand is a part of the whole: what it left out cannot be checked.
  return schema ?? {};
}
