import { oneLine } from '../api/problem.js';

/** A text can be longer than a chat takes. */
const MOST_CHARACTERS = 1000;

/**
 * The body of the request that tells `texts`. Slack and all that understand its messages (Mattermost, Google Chat, the
 * connectors of Teams) take `{text}`. Teams' workflows, which Power Automate runs, take nothing but an adaptive card:
 * they are known by their addresses. Whatever a device is called, it wakes nobody, and is no link.
 * Source: Slack, "Formatting text for app surfaces"; Microsoft, "Create incoming webhooks with Workflows".
 */
export function messageBody(url: string, from: string, texts: readonly string[]): object {
  const { hostname } = new URL(url);
  const lines = [from, ...texts.map((text) => oneLine(text, MOST_CHARACTERS))].map(lifeless);
  if (/(^|\.)(logic\.azure|powerplatform)\.(com|us|cn)$/.test(hostname)) return cardOf(lines);
  // Slack alone has a switch for its markup, and takes a backslash for what it is.
  if (/^hooks\.slack(-gov)?\.com$/.test(hostname)) {
    return { text: lines.map(escaped).join('\n\n'), mrkdwn: false };
  }
  return { text: lines.map((line) => escaped(withoutMarkdown(line))).join('\n\n') };
}

/** A run of text within a block is not read as Markdown, other than the text of a block. */
function cardOf(lines: readonly string[]): object {
  const body = lines.map((text, index) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, weight: index === 0 ? 'bolder' : 'default' }],
  }));
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.2',
    body,
  };
  const attachment = {
    contentType: 'application/vnd.microsoft.card.adaptive',
    contentUrl: null,
    content: card,
  };
  return { type: 'message', attachments: [attachment] };
}

/** A blank without width behind what begins a mention or a link. An address of mail has its @ within a word. */
function lifeless(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}_])@|:(?=\/\/)|\bwww(?=\.)/giu, '$&\u200b');
}

/** A name such as PC_01 is no markup. */
function withoutMarkdown(text: string): string {
  return text.replace(/[\\*`~[]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** A device may be called `<!channel>`, which would wake everyone. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
