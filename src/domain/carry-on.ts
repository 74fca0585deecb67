import { hasEnded, type Run, type RunStatus } from './run.ts'

/** An orchestration that has not ended, as the host of a new version sees it. `problems`: why it can't carry it on. */
export interface UnderWay {
  readonly name: string
  readonly version: string | null
  readonly rootId: string
  readonly problems: readonly string[]
}

/** A plan under way, and whether the present version can carry its run on. */
export interface CarriedRun {
  readonly planId: string
  /** What began its run; null where the host knows of none. */
  readonly version: string | null
  readonly status: RunStatus
  readonly carriedOn: boolean
  readonly words: string
  /** What a person may do about it; empty where nothing is to be done. */
  readonly next: readonly string[]
}

/** Says of each run that has not ended whether its orchestrations can be carried on. What is not of a run comes anew by itself. */
export function carriedRuns(underWay: readonly UnderWay[], runs: readonly Run[]): CarriedRun[] {
  return runs
    .filter(({ status }) => !hasEnded(status))
    .map(({ planId, status }) => {
      const own = underWay.filter(({ rootId }) => rootId === planId)
      const broken = own.filter(({ problems }) => problems.length > 0)
      const version = own.find(({ version: given }) => given !== null)?.version ?? null
      const carriedOn = broken.length === 0
      return {
        ...{ planId, version, status, carriedOn },
        words: carriedOn ? carriedWords(own) : brokenWords(planId, version, broken),
        next: carriedOn ? [] : nextSteps(planId),
      }
    })
}

function carriedWords(own: readonly UnderWay[]): string {
  return own.length > 0
    ? 'it goes on where it is'
    : 'no orchestration carries it; it is begun anew from what is on record within minutes'
}

function brokenWords(planId: string, version: string | null, broken: readonly UnderWay[]): string {
  const [first] = broken
  const others = broken.length > 1 ? ` and ${broken.length - 1} more` : ''
  const by = version === null ? 'an earlier version' : `version ${version}`
  return `the run of ${planId} was begun by ${by} and can't be carried on: its ${first?.name}${others} would go another way (${first?.problems[0]})`
}

function nextSteps(planId: string): string[] {
  return [
    `with the version that began it: wait for its end (restamp watch ${planId}), or end it: restamp rollback ${planId} --reason "...", restamp abort ${planId} --reason "..."`,
    'with this version: restamp up --begin-anew; what has moved stays, and where a move or an observation was under way the run may hold and ask',
  ]
}
