import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { MessageFormat } from '../../../src/adapters/callout/message-formats.ts'
import { WebhookNotifications } from '../../../src/adapters/callout/webhook-notifications.ts'
import { Message } from '../../../src/domain/reminders.ts'
import { aMessage, notificationsContract } from '../../ports/notifications.contract.ts'

const NOW_MS = Date.parse('2026-11-26T03:00:00Z')
const SECRET = 'a-shared-secret'
const PATH = '/services/T0/B0/a-secret-part'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A channel of somebody else that keeps what it got. */
async function channel(format: MessageFormat = 'generic', pageUrl: string | null = null) {
  const got: { headers: IncomingHttpHeaders; body: string; url: string | undefined }[] = []
  const answer = { status: 200, headers: {} as Record<string, string> }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (answer.status === 200)
        got.push({ headers: request.headers, body: Buffer.concat(parts).toString(), url: request.url })
      response.writeHead(answer.status, answer.headers).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  stops.push(stop)
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const url = `http://127.0.0.1:${port}${PATH}`
  const notifications = new WebhookNotifications({
    ...{ url, format, pageUrl, secret: SECRET, nowMs: () => NOW_MS },
  })
  return { notifications, got, answer, stop }
}

notificationsContract('WebhookNotifications', async () => {
  const { notifications, got, answer } = await channel()
  return {
    notifications,
    arrived: async () => got.map(({ body }) => Message.parse(JSON.parse(body))),
    setWorking: async (works) => {
      answer.status = works ? 200 : 503
    },
  }
})

describe('WebhookNotifications', () => {
  it('signs time and body, and names the message so that a repeat is recognised', async () => {
    const { notifications, got } = await channel()
    const message = aMessage('one')
    await notifications.tell(message)
    const headers = got[0]?.headers
    const body = got[0]?.body

    const mac = createHmac('sha256', SECRET)
      .update(`${NOW_MS / 1000}.${body}`)
      .digest('hex')
    expect(headers?.['x-restamp-signature']).toBe(`t=${NOW_MS / 1000},v1=${mac}`)
    expect(headers?.['idempotency-key']).toBe(`${message.planId}/one`)
  })

  it('names neither address nor secret when it fails', async () => {
    const { notifications, stop } = await channel()
    await stop()

    const error = await notifications.tell(aMessage('one')).catch((thrown: unknown) => String(thrown))
    expect(error).toMatch(/127\.0\.0\.1:\d+ could not be reached: ECONNREFUSED/)
    expect(error).not.toContain('a-secret-part')
    expect(error).not.toContain(SECRET)
  })

  it('follows no redirect', async () => {
    const elsewhere = await channel()
    const { notifications, answer } = await channel()
    answer.status = 307
    answer.headers = { location: 'http://127.0.0.1:9/' }

    await expect(notifications.tell(aMessage('one'))).rejects.toMatchObject({ name: 'NotTold' })
    expect(elsewhere.got).toEqual([])
  })

  it('shows Teams an Adaptive Card with subject and text', async () => {
    const { notifications, got } = await channel('teams')
    await notifications.tell(aMessage('one'))
    const { type, attachments } = JSON.parse(got[0]?.body ?? '{}')

    expect(type).toBe('message')
    expect(attachments[0]).toMatchObject({
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: { type: 'AdaptiveCard', version: '1.4' },
    })
    const texts = attachments[0].content.body.map(({ text }: { text: string }) => text)
    expect(texts).toEqual([
      aMessage('one').subject,
      'about one',
      'for approvers, due 1970-01-01T00:00:00.001Z',
    ])
  })

  it.each([
    ['generic', /"link":"LINK"/],
    ['teams', /"actions":\[\{"type":"Action.OpenUrl","title":"Open it in Restamp","url":"LINK"\}\]/],
    ['slack', /"type":"button","text":\{"type":"plain_text","text":"Open it in Restamp"\},"url":"LINK"/],
  ] as const)(
    'shows %s what the answer rests on, and leads to the plan by a link that holds no key',
    async (format, link) => {
      const { notifications, got } = await channel(format, 'https://restamp.example.com/dashboard/')
      const message = { ...aMessage('one'), facts: ['weu-a is dominated', 'rehearsal passed: all landed'] }
      await notifications.tell(message)
      const body = got[0]?.body ?? ''
      for (const fact of message.facts) expect(body).toContain(fact)
      const address = `https://restamp.example.com/dashboard/#/plans/${message.planId}`
      expect(body.replace(address, 'LINK')).toMatch(link)
      expect(body).not.toMatch(/token=/)
    },
  )

  it('shows Slack text, not markup that somebody put into a name', async () => {
    const { notifications, got } = await channel('slack')
    await notifications.tell({ ...aMessage('one'), text: 'a <!channel> & b' })
    const { blocks } = JSON.parse(got[0]?.body ?? '{}')

    expect(blocks[1].text).toEqual({ type: 'mrkdwn', text: 'a &lt;!channel&gt; &amp; b' })
  })
})
