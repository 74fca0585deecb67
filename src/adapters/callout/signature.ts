import { createHash, createHmac } from 'node:crypto'

export const SIGNATURE_HEADER = 'x-restamp-signature'

/** The value of the signature's header: `t=EPOCH_SECONDS,v1=HEX`, an HMAC-SHA256 over `EPOCH_SECONDS.TEXT`. */
export function signatureOf(signed: {
  readonly secret: string
  readonly atMs: number
  readonly text: string
}): string {
  const { secret, atMs, text } = signed
  const seconds = Math.floor(atMs / 1000)
  const mac = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}

/**
 * What is signed of a request to a control plane. `path` is below the base URL, with its query, so that a gateway may put any
 * prefix before it; `key` is the idempotency key, empty for a read.
 */
export function signedText(request: {
  readonly method: string
  readonly path: string
  readonly key: string
  readonly body: string
}): string {
  const { method, path, key, body } = request
  const digest = createHash('sha256').update(body).digest('hex')
  return [method, path, key, digest].join('\n')
}
