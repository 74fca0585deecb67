const matchStrategies = ['None', 'Strict', 'CurrentOrOlder'] as const
const failureStrategies = ['Reject', 'Fail'] as const

/** Which versions of orchestrations a host runs, and what becomes of the others. */
export interface Versioning {
  /** Given to instances and children that are started without a version; also the host's own version. */
  readonly defaultVersion: string | null
  readonly match: (typeof matchStrategies)[number]
  readonly otherwise: (typeof failureStrategies)[number]
}

/** Reads `defaultVersion`, `versionMatchStrategy` and `versionFailureStrategy` of host.json. */
export function versioning(given: {
  readonly defaultVersion: string | undefined
  readonly match: string | undefined
  readonly otherwise: string | undefined
}): Versioning {
  return {
    defaultVersion: given.defaultVersion ?? null,
    match: oneOf(matchStrategies, given.match ?? 'CurrentOrOlder', 'versionMatchStrategy'),
    otherwise: oneOf(failureStrategies, given.otherwise ?? 'Reject', 'versionFailureStrategy'),
  }
}

function oneOf<T extends string>(known: readonly T[], text: string, name: string): T {
  const found = known.find((one) => one.toLowerCase() === text.toLowerCase())
  if (found !== undefined) return found
  throw new Error(
    `host.json: extensions.durableTask.${name} is "${text}"; expected one of ${known.join(', ')}.`,
  )
}

/** `Reject` leaves an instance as it is, for a host that runs its version; `Fail` ends it. */
export function versionVerdict(
  { defaultVersion, match, otherwise }: Versioning,
  version: string | null,
): 'run' | Versioning['otherwise'] {
  const [own, its] = [defaultVersion ?? '', version ?? '']
  const matches = match === 'None' || (match === 'Strict' ? own === its : compareVersions(its, own) <= 0)
  return matches ? 'run' : otherwise
}

/** The real host's order: none before any, then by number if both are .NET versions (two parts or more), else as text. */
export function compareVersions(a: string, b: string): number {
  const [isNone, isOtherNone] = [a.trim() === '', b.trim() === '']
  if (isNone || isOtherNone) return Number(isOtherNone) - Number(isNone)
  const [parts, others] = [versionParts(a), versionParts(b)]
  if (!parts || !others) return compareText(a.toUpperCase(), b.toUpperCase())
  for (const [i, part] of parts.entries()) {
    const difference = part - (others[i] ?? -1)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Four numbers; a part that is left out counts less than 0, so 1.0 comes before 1.0.0. */
function versionParts(text: string): number[] | undefined {
  if (!/^\s*\d+(\s*\.\s*\d+){1,3}\s*$/.test(text)) return undefined
  const parts = text.split('.').map(Number)
  return [0, 1, 2, 3].map((i) => parts[i] ?? -1)
}
