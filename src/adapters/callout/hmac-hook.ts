import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../ports/clock.ts'
import type { SignedHook } from '../../ports/signed-hook.ts'
import { SettingRefused } from './setting-refused.ts'
import { SIGNATURE_HEADER, signatureOf } from './signature.ts'

const NAME = 'RESTAMP_TICKET_SECRET'
/** Shorter ones can be guessed. */
const SECRET_CHARS_MIN = 16
/** Clocks differ by so much at most. A message that is sent again within it changes nothing. */
const WINDOW_MS = 5 * 60_000

/** Messages signed as `SIGNATURE_HEADER` says, over `EPOCH_SECONDS.BODY`. The clock is that of the real world. */
export class HmacHook implements SignedHook {
  readonly #secret: string
  readonly #clock: Clock

  constructor({ secret, clock }: { readonly secret: string; readonly clock: Clock }) {
    this.#secret = secret
    this.#clock = clock
  }

  refusal({ signature, text }: Parameters<SignedHook['refusal']>[0]): string | undefined {
    const seconds = /^t=(\d{1,12}),v1=[0-9a-f]{64}$/.exec(signature ?? '')?.[1]
    if (!signature || seconds === undefined)
      return `it has no signature; expected ${SIGNATURE_HEADER}: t=EPOCH_SECONDS,v1=HEX`
    const atMs = Number(seconds) * 1000
    const ours = Buffer.from(signatureOf({ secret: this.#secret, atMs, text }))
    const theirs = Buffer.from(signature)
    if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs))
      return 'its signature is of another secret or another body'
    const offMs = Math.abs(this.#clock.nowMs() - atMs)
    return offMs <= WINDOW_MS
      ? undefined
      : `it was signed ${Math.round(offMs / 1000)} s off our clock; sign it when it is sent, and look at both clocks`
  }
}

/** What takes tickets in by webhook; undefined where no secret is set. Throws `SettingRefused`. */
export function ticketHookOf(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): HmacHook | undefined {
  const secret = env[NAME]
  if (!secret) return undefined
  if (secret.length >= SECRET_CHARS_MIN) return new HmacHook({ secret, clock })
  throw new SettingRefused(`${NAME} has ${secret.length} characters; set one of at least ${SECRET_CHARS_MIN}`)
}
