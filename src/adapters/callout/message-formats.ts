import type { Message } from '../../domain/reminders.ts'

/** How a channel wants a message: `generic` is our own document, the others are what Teams and Slack show. */
export type MessageFormat = 'generic' | 'teams' | 'slack'

/** The body of the request for a message. */
export function bodyOf(message: Message, format: MessageFormat): object {
  if (format === 'teams') return teamsCard(message)
  if (format === 'slack') return slackBlocks(message)
  return message
}

/** An Adaptive Card in the envelope that a Teams workflow takes. */
function teamsCard({ subject, text, to, dueAtMs }: Message): object {
  const block = (words: string, more: object = {}) => ({
    type: 'TextBlock',
    text: words,
    wrap: true,
    ...more,
  })
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block(subject, { weight: 'bolder', size: 'medium' }),
      block(text),
      block(aside(to, dueAtMs), { isSubtle: true }),
    ],
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
  return { type: 'message', attachments: [attachment] }
}

function slackBlocks({ subject, text, to, dueAtMs }: Message): object {
  const words = (some: string) => ({ type: 'mrkdwn', text: slackText(some) })
  return {
    text: slackText(subject),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${slackText(subject)}*` } },
      { type: 'section', text: words(text) },
      { type: 'context', elements: [words(aside(to, dueAtMs))] },
    ],
  }
}

/** The three characters that Slack reads as markup. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function aside(to: Message['to'], dueAtMs: number): string {
  return `for ${to}, due ${new Date(dueAtMs).toISOString()}`
}
