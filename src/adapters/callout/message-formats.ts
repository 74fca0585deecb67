import type { Told } from '../../domain/reminders.ts'

/** How a channel wants a message: `generic` is our own document, the others are what Teams and Slack show. */
export type MessageFormat = 'generic' | 'teams' | 'slack'

/** The body of the request for a message; `link` leads to where it is answered, and carries no right to do so. */
export function bodyOf(message: Told, format: MessageFormat, link: string | null): object {
  if (format === 'teams') return teamsCard(message, link)
  if (format === 'slack') return slackBlocks(message, link)
  return link === null ? message : { ...message, link }
}

const OPEN = 'Open it in Restamp'

/** An Adaptive Card in the envelope that a Teams workflow takes. */
function teamsCard({ subject, text, facts = [], to, dueAtMs }: Told, link: string | null): object {
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
      ...facts.map((fact) => block(`- ${fact}`, { spacing: 'small' })),
      block(aside(to, dueAtMs), { isSubtle: true }),
    ],
    ...(link === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: OPEN, url: link }] }),
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
  return { type: 'message', attachments: [attachment] }
}

function slackBlocks({ subject, text, facts = [], to, dueAtMs }: Told, link: string | null): object {
  const words = (some: string) => ({ type: 'mrkdwn', text: slackText(some) })
  return {
    text: slackText(subject),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${slackText(subject)}*` } },
      { type: 'section', text: words(text) },
      ...(facts.length > 0
        ? [{ type: 'section', text: words(facts.map((fact) => `• ${fact}`).join('\n')) }]
        : []),
      ...(link === null ? [] : [{ type: 'actions', elements: [openButton(link)] }]),
      { type: 'context', elements: [words(aside(to, dueAtMs))] },
    ],
  }
}

function openButton(url: string): object {
  return { type: 'button', text: { type: 'plain_text', text: OPEN }, url }
}

/** The three characters that Slack reads as markup. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function aside(to: Told['to'], dueAtMs: number): string {
  return `for ${to}, due ${new Date(dueAtMs).toISOString()}`
}
