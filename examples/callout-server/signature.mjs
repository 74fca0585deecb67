import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** A signature that is older, or newer, than this is refused: a request that somebody kept can't be sent again later. */
const WINDOW_SECONDS = 300

/**
 * What is wrong with a request's signature; undefined when nothing is. The header `x-restamp-signature: t=SECONDS,v1=HEX` holds
 * an HMAC-SHA256 over `SECONDS.METHOD\nPATH\nKEY\nSHA-256 OF THE BODY`, where PATH is below the base URL.
 */
export function signatureProblem({ header, method, path, key, body, secret, nowMs }) {
  const found = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '')
  if (!found) return 'there is no signature; expected x-restamp-signature: t=SECONDS,v1=HEX'
  const [, seconds, mac] = found
  const digest = createHash('sha256').update(body).digest('hex')
  const text = `${seconds}.${[method, path, key, digest].join('\n')}`
  const expected = createHmac('sha256', secret).update(text).digest()
  if (!timingSafeEqual(expected, Buffer.from(mac, 'hex'))) return 'the signature is not that of this request'
  const offSeconds = Math.abs(nowMs / 1000 - Number(seconds))
  return offSeconds > WINDOW_SECONDS
    ? `the signature is ${Math.round(offSeconds)} s away from now; expected at most ${WINDOW_SECONDS}`
    : undefined
}
