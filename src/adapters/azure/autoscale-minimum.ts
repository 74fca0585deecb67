import type { AutoscaleProfile, AutoscaleSettingResource } from '@azure/arm-monitor'

const TAGS = {
  epoch: 'restamp-epoch',
  key: 'restamp-change',
  /** The minimums of all profiles as we last wrote them: where they differ, somebody else has written since. */
  written: 'restamp-minimums',
  /** What they were before we first changed them. */
  before: 'restamp-before',
} as const

/** What is known of a setting's minimum: the lowest of all profiles, since a schedule may make any of them count. */
export interface Minimum {
  readonly minNodes: number
  readonly maxNodes: number
  readonly epoch: number
  readonly lastChangeKey: string | null
}

/** Reads a setting. A change that somebody else made counts as one epoch more than our last. */
export function minimumOf(setting: AutoscaleSettingResource): Minimum {
  const { tags = {} } = setting
  const epoch = Number(tags[TAGS.epoch] ?? 0)
  const isOurs = tags[TAGS.written] === undefined || tags[TAGS.written] === listed(minimumsOf(setting))
  return {
    minNodes: Math.min(...minimumsOf(setting)),
    maxNodes: Math.min(...setting.profiles.map(({ capacity }) => whole(capacity.maximum, setting))),
    epoch: isOurs ? epoch : epoch + 1,
    lastChangeKey: isOurs ? tags[TAGS.key] || null : null,
  }
}

/**
 * The setting with another minimum. Every profile gets at least as much, and one that had more keeps it; lowered again,
 * each gets back what it had. `default` stays within the bounds.
 */
export function withMinimum(
  setting: AutoscaleSettingResource,
  minNodes: number,
  changeKey: string | null,
): AutoscaleSettingResource {
  const { tags = {}, profiles } = setting
  const isOurs = tags[TAGS.written] === listed(minimumsOf(setting))
  const kept = isOurs ? (tags[TAGS.before] ?? '').split(',').map(Number) : []
  const before = kept.length === profiles.length ? kept : minimumsOf(setting)
  const least = Math.min(...before)
  const minimums = before.map((own) => (own > least ? Math.max(own, minNodes) : minNodes))
  return {
    ...setting,
    profiles: profiles.map((profile, at) => bounded(profile, minimums[at] ?? minNodes)),
    tags: {
      ...tags,
      [TAGS.epoch]: String(minimumOf(setting).epoch + 1),
      [TAGS.key]: changeKey ?? '',
      [TAGS.written]: listed(minimums),
      [TAGS.before]: listed(before),
    },
  }
}

/** Whether what was read back is what was written. */
export function isWritten(wanted: AutoscaleSettingResource, found: AutoscaleSettingResource): boolean {
  const same = (name: string) => wanted.tags?.[name] === found.tags?.[name]
  return Object.values(TAGS).every(same) && listed(minimumsOf(wanted)) === listed(minimumsOf(found))
}

/** Capacities are texts on the wire. */
function bounded(profile: AutoscaleProfile, minNodes: number): AutoscaleProfile {
  const { maximum, default: usual } = profile.capacity
  const inBounds = Math.min(Number(maximum), Math.max(minNodes, Number(usual)))
  return { ...profile, capacity: { maximum, minimum: String(minNodes), default: String(inBounds) } }
}

function minimumsOf(setting: AutoscaleSettingResource): number[] {
  if (setting.profiles.length === 0) throw new Error(`${setting.name} has no profile, so it has no minimum`)
  return setting.profiles.map(({ capacity }) => whole(capacity.minimum, setting))
}

function whole(text: string, { name }: AutoscaleSettingResource): number {
  const value = Number(text)
  if (Number.isInteger(value)) return value
  throw new Error(`${name} has the capacity "${text}"; expected a whole number`)
}

function listed(minimums: readonly number[]): string {
  return minimums.join(',')
}
