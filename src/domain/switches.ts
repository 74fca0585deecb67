import { z } from 'zod'
import { RegionName } from './ids.ts'

/** Everything, or one region. */
export const SwitchScope = z.union([z.literal('*'), RegionName])
export type SwitchScope = z.infer<typeof SwitchScope>

/** `noNewMoves`: what is under way, and every way back, finishes. `freeze`: no effect at all. */
export const SwitchSetting = z.enum(['off', 'noNewMoves', 'freeze'])
export type SwitchSetting = z.infer<typeof SwitchSetting>

/** One turn of a kill switch, by a person. The newest of its scope counts. */
export const Switch = z.object({
  scope: SwitchScope,
  setting: SwitchSetting,
  by: z.string().min(1),
  reason: z.string().min(1),
  atMs: z.int(),
})
export type Switch = z.infer<typeof Switch>

/** What an effect is to a switch: something new, the rest of a move whose home is re-bound already, or a way back. */
export type EffectKind = 'newMove' | 'underWay' | 'reversal'

const STRENGTH: readonly SwitchSetting[] = ['off', 'noNewMoves', 'freeze']

/** The strongest of the switches that are on; undefined when all are off. */
export function strongest(switches: readonly Switch[]): Switch | undefined {
  return switches
    .filter(({ setting }) => setting !== 'off')
    .toSorted((a, b) => STRENGTH.indexOf(b.setting) - STRENGTH.indexOf(a.setting) || a.atMs - b.atMs)[0]
}

/** The switch that keeps an effect from being made, if one does. */
export function switchAgainst(switches: readonly Switch[], effect: EffectKind): Switch | undefined {
  const on = strongest(switches)
  if (on?.setting === 'noNewMoves' && effect !== 'newMove') return undefined
  return on
}

/** A switch that is on, in words: what it does, who turned it and why. */
export function switchWords({ scope, setting, by, reason, atMs }: Switch): string {
  const where = scope === '*' ? 'everywhere' : `in ${scope}`
  const what = setting === 'freeze' ? 'frozen, no effect at all' : 'no new moves'
  return `the kill switch is on ${where} (${what}) since ${new Date(atMs).toISOString()} by ${by}: ${reason}`
}
