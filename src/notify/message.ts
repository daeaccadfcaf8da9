import { oneLine } from '../api/problem.js';

/** A text can be longer than a chat takes. */
const MOST_CHARACTERS = 1000;

/**
 * The body of the request that tells `texts`. Slack and all that understand its messages (Mattermost, Google Chat, the
 * connectors of Teams) take `{text}`. Teams' workflows, which Power Automate runs, take nothing but an adaptive card:
 * they are known by their addresses.
 * Source: Slack, "Formatting text for app surfaces"; Microsoft, "Create incoming webhooks with Workflows".
 */
export function messageBody(url: string, from: string, texts: readonly string[]): object {
  const cut = texts.map((text) => oneLine(text, MOST_CHARACTERS));
  if (!/(^|\.)(logic\.azure|powerplatform)\.(com|us|cn)$/.test(new URL(url).hostname)) {
    return { text: [from, ...cut].map(escaped).join('\n\n') };
  }
  const block = (text: string, weight: string) => ({ type: 'TextBlock', wrap: true, text, weight });
  const body = [block(from, 'bolder'), ...cut.map((text) => block(text, 'default'))];
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

/** A device may be called `<!channel>`, which would wake everyone. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
