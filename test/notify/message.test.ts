import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { messageBody } from '../../src/notify/message.js';

const SLACK = 'https://hooks.slack.com/services/T0/B0/x';
const MATTERMOST = 'https://chat.example/hooks/x';
const TEAMS = 'https://default1.2.environment.api.powerplatform.com/workflows/1';

describe('a message', () => {
  it('is text for Slack, and for all that understand its messages', () => {
    expect(messageBody(SLACK, 'halo-integrator', ['One.', 'Two.'])).toEqual({
      text: 'halo-integrator\n\nOne.\n\nTwo.',
      mrkdwn: false,
    });
    expect(messageBody(MATTERMOST, 'halo-integrator', ['One.'])).toEqual({ text: 'halo-integrator\n\nOne.' });
  });

  it.each([
    'https://prod-12.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=x',
    'https://default1.2.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/1?sig=x',
  ])('is an adaptive card for a workflow of Teams: %s', (url) => {
    expect(messageBody(url, 'halo-integrator', ['One.'])).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: [
              { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'halo-integrator' }] },
              { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'One.' }] },
            ],
          },
        },
      ],
    });
  });

  it('takes no other host for one of Teams', () => {
    expect(messageBody('https://logic.azure.com.evil.example/x', 'from', ['One.'])).toHaveProperty('text');
    expect(messageBody('https://notlogic.azure.com/x', 'from', ['One.'])).toHaveProperty('text');
  });

  it('wakes nobody with the name of a device, and holds no escape sequence', () => {
    const [hostile, shown] = [
      '<!channel> <@U12> \u001b[31mR&D\n',
      '&lt;!channel&gt; &lt;@\u200bU12&gt; R&amp;D',
    ];
    for (const url of [SLACK, MATTERMOST]) {
      expect(messageBody(url, 'from', [hostile])).toHaveProperty('text', `from\n\n${shown}`);
    }
  });

  it.each([SLACK, MATTERMOST, TEAMS])('holds no mention and no link: %s', (url) => {
    const text = JSON.stringify(
      messageBody(url, 'from', ['@all: (@here) https://evil.example www.evil.example, a@b.example, PC_01']),
    );
    expect(text).not.toMatch(/@(all|here)|:\/\/evil|www\.evil/);
    expect(text).toContain('a@b.example, PC_01');
  });

  it('holds no markup where there is no switch for it', () => {
    const { text } = z
      .object({ text: z.string() })
      .parse(messageBody(MATTERMOST, 'from', ['[Sign in](x) *now* `a` ~~b~~ _c_ [0].id \\']));
    expect(text).toBe('from\n\n\\[Sign in](x) \\*now\\* \\`a\\` \\~\\~b\\~\\~ \\_c\\_ \\[0].id \\\\');
  });

  it('is no longer than a chat takes', () => {
    const text = JSON.stringify(messageBody(SLACK, 'from', ['x'.repeat(100_000)]));
    expect(text.length).toBeLessThan(1100);
  });
});
