import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** A request as the bytes that are sent. */
export interface RawRequest {
  head: string;
  body: Buffer;
  /** More is promised than is sent, so that nobody can demand an answer. */
  isUnfinished: boolean;
  /** Whether it names a token once, and the right one. */
  isAllowed: boolean;
}

const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'length',
  'alerts',
  'token',
];
const LIMIT = 256 * 1024;

const anyName = fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ maxLength: 8 }));
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, '\u0000', '\ud800', '\u202e', 1e308, -0, { polluted: 1 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyName, tie('value')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
  ),
}));

/** Written by hand, since an object literal would lose what it is about. */
const EVIL_JSON = [
  '{"__proto__":{"polluted":1},"id":"a"}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '[{"__proto__":{"polluted":1}},{"alerts":[{"__proto__":{"polluted":1}},{}]}]',
  '{"n":1e999,"m":123456789012345678901234567890,"o":-0}',
  '{"a":"\\ud800","b":"\\u0000"}',
  '{"a":1,"a":2}',
  '[[[[',
  '{"id":',
  'NaN',
];
const deep = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"a":', '}]']), fc.integer({ min: 1, max: 40_000 }))
  .map(([[open = '', close = ''], depth]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
const aroundTheLimit = fc
  .integer({ min: LIMIT - 2, max: LIMIT + 2 })
  .map((size) => JSON.stringify({ id: 'x'.repeat(size - 9) }));
const MULTIPART = '--x\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\n1\r\n--x--\r\n';
const FORMS = ['__proto__[polluted]=1&__proto__=1', 'a=%zz&b=%', 'a&b&&=&==c', 'token=x&id=1', '%00=%00'];

const anyBody = fc.oneof(
  fc.constantFrom(...EVIL_JSON, ...FORMS, MULTIPART, '').map((text) => Buffer.from(text)),
  anyValue.map((value) => Buffer.from(JSON.stringify(value))),
  deep.map((text) => Buffer.from(text)),
  aroundTheLimit.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(gzipSync('{"id":"a"}')),
);

const anyMethod = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('GET', 'POST') },
  fc.constantFrom(
    'PUT',
    'DELETE',
    'PATCH',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'LINK',
    'post',
    'QUERY',
    '',
  ),
);
const anyText = fc.string({ maxLength: 12 }).map(encodeURIComponent);
const anyPath = (path: string) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(path, path.toUpperCase(), `${path}/`) },
    fc.constantFrom(
      `/${path}`,
      `${path}/..`,
      `${path}//`,
      `${path};a=b`,
      `${path}%00`,
      `${path}%2f`,
      `${path}/%zz`,
    ),
    fc.constantFrom(
      path.replace('c', '%63'),
      path.replace('/api', '/./api'),
      `http://x${path}`,
      '*',
      '/',
      '',
      '/%',
    ),
    anyText.map((text) => `/${text}`),
  );

const anyParameter = fc.oneof(
  fc.constantFrom('token=', 'token=wrong', 'token[]=x', 'Token=x', '__proto__=1', '__proto__[polluted]=1'),
  fc.constantFrom('constructor.prototype.polluted=1', 'a=%zz', '%', '=', '&', '%00=%ff', 'a=b=c', '#', '?'),
  fc.tuple(anyText, anyText).map(([name, value]) => `${name}=${value}`),
  fc.integer({ min: 1, max: 20_000 }).map((length) => `long=${'x'.repeat(length)}`),
);

const anyType = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/json; charset=utf-8',
    'text/json;charset=utf-16',
    'text/plain',
  ),
  fc.constantFrom(
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ),
  fc.constantFrom('nonsense', 'application/json, text/plain', 'a/b; c', '*/*', '/', 'application/vnd.x+json'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
);
const anyHeader = fc.oneof(
  fc.constantFrom(
    'content-encoding: gzip',
    'content-encoding: br',
    'expect: 100-continue',
    'expect: the best',
  ),
  fc.constantFrom('upgrade: websocket', 'connection: keep-alive', 'transfer-encoding: gzip', 'te: trailers'),
  fc.constantFrom(
    'host: other',
    'content-type: text/plain',
    'x-forwarded-for: 1.2.3.4',
    'cookie: __proto__=1',
  ),
  fc.constantFrom(
    'no colon',
    ': no name',
    'bad name: x',
    ' folded: x',
    'x: a\u0000b',
    'x: \u00e4',
    'x: a\nb: c',
  ),
  fc.integer({ min: 1, max: 20_000 }).map((length) => `x-long: ${'x'.repeat(length)}`),
  fc
    .integer({ min: 2, max: 2500 })
    .map((count) => Array.from({ length: count }, (_, i) => `x-${i}: 1`).join('\r\n')),
);

/** `isOverlong`: more is sent than is promised, so that one half is taken while the other is refused. */
type Framing = (body: Buffer) => {
  headers: string[];
  body: Buffer;
  isUnfinished?: boolean;
  isOverlong?: boolean;
};

function chunk(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}
const END = Buffer.from('0\r\n\r\n');
const CHUNKED = ['transfer-encoding: chunked'];

const RIGHT: Framing[] = [
  (body) => ({ headers: [`content-length: ${body.length}`], body }),
  (body) => ({
    headers: CHUNKED,
    body: Buffer.concat([...(body.length > 0 ? [chunk(body)] : []), END]),
  }),
];
const WRONG: Framing[] = [
  (body) => ({ headers: [], body, isOverlong: true }),
  (body) => ({ headers: [`content-length: ${Math.max(0, body.length - 3)}`], body, isOverlong: true }),
  (body) => ({ headers: [`content-length: ${body.length + 3}`], body, isUnfinished: true }),
  (body) => ({ headers: ['content-length: 99999999999999999999'], body, isUnfinished: true }),
  (body) => ({ headers: ['content-length: -1'], body }),
  (body) => ({ headers: [`content-length: ${body.length}`, 'content-length: 1'], body }),
  (body) => ({
    headers: [`content-length: ${body.length}`, ...CHUNKED],
    body: Buffer.concat([chunk(body), END]),
  }),
  (body) => ({ headers: CHUNKED, body: Buffer.concat([Buffer.from('zz\r\n'), body]) }),
  (body) => ({ headers: CHUNKED, body: body.length > 0 ? chunk(body) : body, isUnfinished: true }),
];
/**
 * Any request to `path`, or near it. Every other one is so well made that its body is looked at.
 * @param token the right one
 */
export function anyRequest(path: string, token: string): fc.Arbitrary<RawRequest> {
  const right = `token=${encodeURIComponent(token)}`;
  const sound = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    path: fc.constant(path),
    parameters: fc.oneof(
      { weight: 6, arbitrary: fc.constant([right]) },
      fc.constantFrom([right, 'Token=x'], ['Token=x', right], [right, right]),
      fc.array(fc.oneof(fc.constant(right), anyParameter), { maxLength: 3 }),
    ),
    version: fc.constant('HTTP/1.1'),
    type: fc.option(anyType),
    headers: fc.constant<string[]>([]),
    framing: fc.constantFrom(...RIGHT),
    body: anyBody,
  });
  const odd = fc.record({
    method: anyMethod,
    path: anyPath(path),
    parameters: fc.array(fc.oneof(fc.constant(right), anyParameter), { maxLength: 3 }),
    version: fc.oneof(
      { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
      fc.constantFrom('HTTP/1.0', 'HTTP/9.9', ''),
    ),
    type: fc.option(anyType),
    headers: fc.array(anyHeader, { maxLength: 2 }),
    framing: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...RIGHT) }, fc.constantFrom(...WRONG)),
    body: anyBody,
  });
  const requests = fc.oneof(sound, odd).map(({ framing, body, ...made }) => {
    const framed = framing(body);
    const lines = [
      `${made.method} ${made.path}?${made.parameters.join('&')} ${made.version}`,
      'host: x',
      'connection: close',
      ...(made.type === null ? [] : [`content-type: ${made.type}`]),
      ...framed.headers,
      ...made.headers,
    ];
    return {
      head: `${lines.join('\r\n')}\r\n\r\n`,
      body: framed.body,
      isUnfinished: framed.isUnfinished ?? false,
      isOverlong: framed.isOverlong ?? false,
      isAllowed: made.parameters.filter((each) => /^token=/i.test(each)).join() === right,
    };
  });
  // Whoever sends such a thing with the token may be refused what is kept all the same.
  return requests.filter(({ isOverlong, isAllowed }) => !isOverlong || !isAllowed);
}
