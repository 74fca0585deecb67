import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import { z } from 'zod'
import type { Clock } from '../../ports/clock.ts'
import { type Check, NotTold, ToFix } from './check-found.ts'
import type { ClientOptions } from './client-options.ts'

const ARM_SCOPE = 'https://management.azure.com/.default'
/** Tokens are valid to the second, and evidence is counted by the minute. */
const SKEW_MS_MAX = 30_000

const Claims = z.object({
  upn: z.string().optional(),
  unique_name: z.string().optional(),
  appid: z.string().optional(),
  oid: z.string().optional(),
  tid: z.string().optional(),
})

/** Whether there is a token at all, and whose it is. Nothing of the token itself is shown. */
export function identityCheck({ credential }: Pick<ClientOptions, 'credential'>): Check {
  return {
    check: 'identity',
    run: async () => {
      const token = await credential.getToken(ARM_SCOPE).catch((error: unknown) => {
        const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
        throw new ToFix(
          `no token: ${words}`,
          'sign in with `az login`, or set AZURE_CLIENT_ID to the app’s identity',
        )
      })
      if (!token) throw new ToFix('no token', 'sign in with `az login`')
      const { upn, unique_name: name, appid, oid, tid } = claimsIn(token.token)
      const who = upn ?? name ?? (appid && `application ${appid}`)
      return who
        ? `${who}, object ${oid ?? 'unknown'}, tenant ${tid ?? 'unknown'}`
        : 'a token, which does not say whose'
    },
  }
}

function claimsIn(token: string): z.infer<typeof Claims> {
  try {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    return Claims.safeParse(JSON.parse(text)).data ?? {}
  } catch {
    return {}
  }
}

/** A client that also hears by how much Azure's clock is ahead of ours. */
export function hearingDates(given: HttpClient | undefined, clock: Clock) {
  const inner = given ?? createDefaultHttpClient()
  const heard: number[] = []
  const httpClient: HttpClient = {
    async sendRequest(request) {
      const sentMs = clock.nowMs()
      const response = await inner.sendRequest(request)
      const dateMs = Date.parse(response.headers.get('date') ?? '')
      // Both an answer's way and the header's whole seconds leave this uncertain by a second or two.
      if (!Number.isNaN(dateMs)) heard.push(dateMs - (sentMs + clock.nowMs()) / 2)
      return response
    },
  }
  return { httpClient, clockCheck: clockCheck(heard) }
}

function clockCheck(heard: readonly number[]): Check {
  return {
    check: 'clock',
    run: async () => {
      const sorted = heard.toSorted((a, b) => a - b)
      const skewMs = sorted[Math.floor(sorted.length / 2)]
      if (skewMs === undefined)
        throw new NotTold('no answer had a date', 'look at the checks that failed first')
      const seconds = Math.round(skewMs / 1000)
      const words = `${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'behind'} Azure`
      if (Math.abs(skewMs) > SKEW_MS_MAX) throw new ToFix(words, 'set the clock of this machine by NTP')
      return words
    },
  }
}
