/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text as it is written, such as a key or a value. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** A block of lines as they are written. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** A sentence out of what the code says: begins with a capital letter, and ends. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.:]"?$/.test(text) ? '' : '.'}`;
}

/** `a, b or c` */
export function either(texts: readonly string[]): string {
  return [texts.slice(0, -1).join(', '), texts.at(-1) ?? ''].filter(Boolean).join(' or ');
}

/** A document of parts with a blank line between them. */
export function document(parts: readonly string[]): string {
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}
