import { readdirSync, readFileSync } from 'node:fs';

/** Made from the code, and compared with it in test/reference. */
const GENERATED = ['docs/config-reference.md', 'docs/command-reference.md'];

export const HANDBOOK = 'docs/operations.md';

/** The documents that tell people what to do. */
export const GUIDES = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .filter((path) => !GENERATED.includes(path)),
];

/** All that is written in Markdown. */
export const DOCUMENTS = [
  ...GUIDES,
  ...GENERATED,
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`),
];

/** What is set up with them. */
export const DEPLOYMENTS = [
  'Dockerfile',
  'compose.yaml',
  ...readdirSync('docs/deploy').map((name) => `docs/deploy/${name}`),
];

export function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** A block between fences, and what it is written in. */
export interface Fence {
  language: string;
  text: string;
}

const FENCE = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

export function fencesOf(markdown: string): Fence[] {
  return Array.from(markdown.matchAll(FENCE), ([, , language = '', text = '']) => ({ language, text }));
}

export function withoutFences(markdown: string): string {
  return markdown.replace(FENCE, '');
}

/** What stands between backticks within lines. */
export function spansOf(markdown: string): string[] {
  return Array.from(withoutFences(markdown).matchAll(/`([^`\n]+)`/g), ([, code = '']) => code);
}

/** What a heading is reached by, as GitHub makes it. */
export function anchorsOf(markdown: string): Set<string> {
  const headings = Array.from(withoutFences(markdown).matchAll(/^#+ (.+)$/gm), ([, text = '']) => text);
  const anchors = new Set<string>();
  for (const heading of headings) {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const anchor = plain.trim().replaceAll(' ', '-');
    const copies = [...anchors].filter((each) => each.replace(/-\d+$/, '') === anchor).length;
    anchors.add(copies === 0 ? anchor : `${anchor}-${copies}`);
  }
  return anchors;
}

/** The part of a document below a heading of the second level. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section = ''] = markdown.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
}
