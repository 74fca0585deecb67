import type { Decision } from './decision.ts'
import { EventType, type HistoryEvent } from './history.ts'

/** The orchestrator no longer does what its history says. */
export class NonDeterminism extends Error {
  override readonly name = 'NonDeterminism'
}

/** The orchestrator asked for something after which the real host, or this one, has no way on. */
export class CannotGoOn extends Error {
  override readonly name = 'CannotGoOn'
}

const actionNames = {
  activity: 'ScheduleTaskOrchestratorAction',
  timer: 'CreateTimerOrchestratorAction',
  child: 'CreateSubOrchestrationAction',
} as const

const wasChanged =
  'Was a change made to the orchestrator code after this instance had already started running?'

/** A "created" event must meet an action with its id, kind and, but for timers, name. The texts are the real host's. */
export function checkCreated(event: HistoryEvent, decision: Decision | undefined): void {
  const before = described(event)
  if (!decision) {
    throw nonDeterminism(
      `${before.missing}, but the current replay execution hasn't (yet?) scheduled this task.`,
    )
  }
  if (decision.kind !== before.kind) {
    throw nonDeterminism(
      `${before.there}, but the current orchestration replay instead produced a ${actionNames[decision.kind]} action with this sequence number.`,
    )
  }
  if (decision.kind === 'timer' || decision.name.toLowerCase() === (event.Name ?? '').toLowerCase()) return
  const what = decision.kind === 'activity' ? 'an activity task' : 'a sub-orchestration task'
  throw nonDeterminism(
    `${before.there}, but the current orchestration replay instead scheduled ${what} named '${decision.name}' with this sequence number.`,
  )
}

function described(event: HistoryEvent): { kind: Decision['kind']; missing: string; there: string } {
  const { EventId: id, Name: name = '', Version: version } = event
  if (event.EventType === EventType.TimerCreated) {
    const text = `a timer task with sequence number ${id}`
    return { kind: 'timer', missing: text, there: `${text} named '${name}'` }
  }
  const [kind, what] =
    event.EventType === EventType.TaskScheduled
      ? (['activity', 'an activity task'] as const)
      : (['child', 'a sub-orchestration task'] as const)
  const child = kind === 'child' ? `, instance ID '${event.InstanceId ?? ''}'` : ''
  return {
    kind,
    missing: `${what} with sequence ID ${id} and name '${name}' (version '${version ?? ''}'${child})`,
    there: `${what} with sequence number ${id} named '${name}'`,
  }
}

function nonDeterminism(text: string): NonDeterminism {
  return new NonDeterminism(
    `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${text} ${wasChanged}`,
  )
}

export function wrongChildId(name: string, instanceId: string): CannotGoOn {
  return new CannotGoOn(
    `The child '${name}' was given the instance id '${instanceId}'. An id may not begin with @ nor be that of ` +
      'the instance itself or its parent; the real host hangs for ever here.',
  )
}

export function tooManyActions(max: number): CannotGoOn {
  return new CannotGoOn(
    `Maximum amount of orchestration actions (${max}) has been reached. ` +
      'This value can be configured in host.json file as MaxOrchestrationActions.',
  )
}

export function timedOut(name: string, retry: { readonly timeoutMs: number }): CannotGoOn {
  return new CannotGoOn(
    `The retries of '${name}' ended because retryTimeoutInMilliseconds (${retry.timeoutMs}) had passed. ` +
      'The real host hangs for ever here. Bound the retries with maxNumberOfAttempts instead.',
  )
}
