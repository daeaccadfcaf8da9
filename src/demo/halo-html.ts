/** A text as it was sent: plain, with markup, or both. */
export interface SentText {
  plain: string | null | undefined;
  html: string | null | undefined;
}

/** Both forms of a text, each made of the other where only one was sent; `null` where neither was. */
export function bothForms({ plain, html }: SentText): { plain: string; html: string } | null {
  if (plain == null && html == null) return null;
  return { plain: plain ?? withoutMarkup(html ?? ''), html: html ?? escaped(plain ?? '') };
}

function withoutMarkup(html: string): string {
  return html
    .replace(/<br\s*\/?>|<\/p>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}

function escaped(plain: string): string {
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>');
}
