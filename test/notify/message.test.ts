import { describe, expect, it } from 'vitest';
import { messageBody } from '../../src/notify/message.js';

const SLACK = 'https://hooks.slack.com/services/T0/B0/x';

describe('a message', () => {
  it('is text for Slack, and for all that understand its messages', () => {
    expect(messageBody(SLACK, 'halo-integrator', ['One.', 'Two.'])).toEqual({
      text: 'halo-integrator\n\nOne.\n\nTwo.',
    });
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
              { type: 'TextBlock', text: 'halo-integrator' },
              { type: 'TextBlock', text: 'One.' },
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
    const [hostile, shown] = ['<!channel> \u001b[31mR&D\n', '&lt;!channel&gt; [31mR&amp;D'];
    expect(messageBody(SLACK, 'from', [hostile])).toEqual({ text: `from\n\n${shown}` });
  });

  it('is no longer than a chat takes', () => {
    const text = JSON.stringify(messageBody(SLACK, 'from', ['x'.repeat(100_000)]));
    expect(text.length).toBeLessThan(1100);
  });
});
