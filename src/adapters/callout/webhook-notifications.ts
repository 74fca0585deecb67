import { type Told, toldName } from '../../domain/reminders.ts'
import { type Notifications, NotTold } from '../../ports/notifications.ts'
import { bodyOf, type MessageFormat } from './message-formats.ts'
import { reasonOf } from './request-failed.ts'
import { SIGNATURE_HEADER, signatureOf } from './signature.ts'

/** A channel that does not answer within so long is tried again at the next turn. */
const ANSWER_MS_MAX = 10_000

export interface Webhook {
  /** Whoever knows it may write to the channel: it is a secret, so no error names more of it than the host. */
  readonly url: string
  readonly format: MessageFormat
  /** Signs each request, for whoever receives it to check; null where the address is all that is asked for. */
  readonly secret: string | null
  /** Address of the page, for links; without it there are none. */
  readonly pageUrl: string | null
  readonly nowMs: () => number
}

/**
 * Messages as HTTP requests to a Teams workflow, a Slack hook or a service of one's own. A key is told once by this process;
 * `idempotency-key` tells a receiver of a repeat by another one. `x-restamp-signature: t=EPOCH_SECONDS,v1=HEX` holds an
 * HMAC-SHA256 over `EPOCH_SECONDS.BODY`.
 */
export class WebhookNotifications implements Notifications {
  readonly #webhook: Webhook
  readonly #told = new Map<string, Promise<void>>()

  constructor(webhook: Webhook) {
    this.#webhook = webhook
  }

  async tell(message: Told): Promise<'told' | 'toldBefore'> {
    const name = toldName(message)
    const before = this.#told.get(name)
    if (before) {
      await before
      return 'toldBefore'
    }
    const sent = this.#send(name, message)
    this.#told.set(name, sent)
    try {
      await sent
      return 'told'
    } catch (error) {
      this.#told.delete(name)
      throw error
    }
  }

  async #send(name: string, message: Told): Promise<void> {
    const { url, format, pageUrl } = this.#webhook
    const link = pageUrl && `${pageUrl}${message.planId === null ? '' : `#/plans/${message.planId}`}`
    const body = JSON.stringify(bodyOf(message, format, link))
    const { host } = new URL(url)
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': name, ...this.#signature(body) },
      body,
      // A redirect would carry the message to somebody whom nobody named.
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    }).catch((error: unknown) => {
      throw new NotTold(`${host} could not be reached: ${reasonOf(error, ANSWER_MS_MAX)}`)
    })
    await response.body?.cancel()
    if (!response.ok) throw new NotTold(`${host} answered ${response.status}`)
  }

  #signature(body: string): Record<string, string> {
    const { secret, nowMs } = this.#webhook
    if (secret === null) return {}
    return { [SIGNATURE_HEADER]: signatureOf({ secret, atMs: nowMs(), text: body }) }
  }
}
