import type { Checked } from '../../ports/checks.ts'
import { asking } from './azure-fault.ts'

/** How many checks ask Azure at once: more of them would be throttled, and so look like faults. */
const AT_ONCE = 8

/** Something that is not as it has to be; `todo` is what to do about it. */
export class ToFix extends Error {
  override readonly name = 'ToFix'
  readonly todo: string

  constructor(found: string, todo: string) {
    super(found)
    this.todo = todo
  }
}

/** Something that can't be told here. */
export class NotTold extends ToFix {}

export interface Check {
  readonly check: string
  /** The right that it needs, with the role that gives it and where; see the table in docs/deploy.md. */
  readonly right?: { readonly name: string; readonly role: string; readonly at: string }
  /** Says what was found. Throws `ToFix` or `NotTold`, and what the client throws. */
  readonly run: () => Promise<string>
}

const TODO: Readonly<Record<string, string>> = {
  AzureThrottled: 'ask again in a minute',
  AzureUnavailable:
    'look whether its service is up and can be reached from here (network, DNS, private endpoint)',
  AzureRefused: 'look whether what the map names is there',
}

/** Runs checks, some at a time, in the order given. */
export async function runChecks(checks: readonly Check[]): Promise<Checked[]> {
  const found: Checked[] = []
  for (let at = 0; at < checks.length; at += AT_ONCE)
    found.push(...(await Promise.all(checks.slice(at, at + AT_ONCE).map(outcomeOf))))
  return found
}

async function outcomeOf({ check, right, run }: Check): Promise<Checked> {
  try {
    const role = right?.role ?? 'that it needs'
    return { check, outcome: 'holds', found: await asking({ of: check, role }, run), todo: null }
  } catch (error) {
    if (error instanceof NotTold) return { check, outcome: 'unknown', found: error.message, todo: error.todo }
    const found = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error)
    const name = error instanceof Error ? error.name : ''
    if (name === 'AzureForbidden' && right) {
      const todo = `grant ${right.name} at ${right.at}, by the role ${right.role}`
      return { check, outcome: 'fix', found: 'the right is missing', todo }
    }
    if (error instanceof ToFix) return { check, outcome: 'fix', found, todo: error.todo }
    const outcome = name === 'AzureThrottled' ? 'unknown' : 'fix'
    return { check, outcome, found, todo: TODO[name] ?? 'read what it says, and look at the log' }
  }
}
