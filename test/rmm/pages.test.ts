import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPageQuery, type Page, readPages } from '../../src/rmm/pages.js';

describe('the next page', () => {
  it.each([
    ['<https://rmm.example/list?cursor=500&limit=500>; rel="next"', { cursor: '500', limit: '500' }],
    ['</list?cursor=500>; rel=next', { cursor: '500' }],
    [
      '<https://rmm.example/list?cursor=0>; rel="first", <https://rmm.example/list?cursor=2>; rel="next"',
      { cursor: '2' },
    ],
    [
      '<https://rmm.example/list?field=os,system&cursor=4>;title="a, b";REL="prev Next"',
      { field: 'os,system', cursor: '4' },
    ],
    ['<https://rmm.example/list?cursor=a%2Fb%3D#end>; rel="next"', { cursor: 'a/b=' }],
    ['<https://rmm.example/list?cursor=0>; rel="prev"', null],
    ['<https://rmm.example/list>; rel="nextish"', null],
    ['nonsense', null],
    ['', null],
    [undefined, null],
  ])('is read out of Link: %s', (link, query) => {
    expect(nextPageQuery(link)).toEqual(query);
  });

  it('is read out of any header without failing', () => {
    const parts = fc.constantFrom(
      '<',
      '>',
      ';',
      ',',
      'rel=',
      '"',
      'next',
      ' ',
      '?cursor=1',
      'https://a/',
      '%',
      '#',
    );
    fc.assert(
      fc.property(
        fc.array(parts).map((list) => list.join('')),
        (link) => void nextPageQuery(link),
      ),
    );
  });
});

describe('reading pages', () => {
  /** Serves `pages` by their cursor; `links` says where each leads. */
  async function read(pages: Record<string, number[]>, links: Record<string, string>) {
    const asked: string[] = [];
    const fetchPage = async ({ cursor = 'first' }): Promise<Page<number>> => {
      asked.push(cursor);
      const link = links[cursor];
      return { rows: pages[cursor] ?? [], link: link && `<http://x/?cursor=${link}>; rel="next"` };
    };
    const rows: number[] = [];
    const reading = (async () => {
      for await (const page of readPages('Listing', fetchPage, String)) rows.push(...page);
    })();
    return {
      rows,
      asked,
      error: await reading.then(
        () => null,
        (error: unknown) => error,
      ),
    };
  }

  it('follows the links, whatever the number of rows', async () => {
    const { rows, asked, error } = await read(
      { first: [1, 2, 3], b: [4], c: [5, 6] },
      { first: 'b', b: 'c' },
    );
    expect({ rows, asked, error }).toEqual({
      rows: [1, 2, 3, 4, 5, 6],
      asked: ['first', 'b', 'c'],
      error: null,
    });
  });

  it('ends with a page without rows, although a link leads on, once it was asked for twice', async () => {
    const { rows, asked, error } = await read({ first: [1], b: [] }, { first: 'b', b: 'c' });
    expect({ rows, asked, error }).toEqual({ rows: [1], asked: ['first', 'b', 'b'], error: null });
  });

  it('ends with a first page without rows, which is asked for once', async () => {
    const { rows, asked } = await read({ first: [] }, {});
    expect({ rows, asked }).toEqual({ rows: [], asked: ['first'] });
  });

  const repeats = { kind: 'unexpected', message: 'Listing: ConnectWise RMM repeats a page.' };

  it('fails where a link leads back, however long the way', async () => {
    const { error, asked } = await read({ first: [1], b: [2], c: [3] }, { first: 'b', b: 'c', c: 'b' });
    expect(error).toMatchObject(repeats);
    expect(asked).toEqual(['first', 'b', 'c']);
  });

  it('fails where the rows come again under another link', async () => {
    const { error, asked } = await read({ first: [1, 2], b: [1, 2], c: [3] }, { first: 'b', b: 'c' });
    expect(error).toMatchObject(repeats);
    expect(asked).toEqual(['first', 'b']);
  });

  it('bears pages that overlap, as where something is added meanwhile', async () => {
    const { rows, error } = await read({ first: [1, 2], b: [2, 3] }, { first: 'b' });
    expect({ rows, error }).toEqual({ rows: [1, 2, 2, 3], error: null });
  });
});
