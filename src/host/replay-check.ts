import type { EpisodeHost } from './episode.ts'
import { askWorker, takenIds } from './episode.ts'
import { completedEvent, createdEvent, endOf } from './episode-end.ts'
import { EventType, type HistoryEvent, statusNames, statusNumber } from './history.ts'
import { asPast } from './history-text.ts'
import type { InstanceState } from './instances.ts'
import { Walk } from './walk.ts'

/**
 * Replays an orchestration from every prefix of its history that a worker was once given, and says where it now
 * decides otherwise than the history has it. An empty list means that the code is deterministic as far as seen.
 */
export async function replayCheck(host: EpisodeHost, state: InstanceState): Promise<string[]> {
  const problems: string[] = []
  const { row, events } = state
  for (const [index, event] of events.entries()) {
    if (event.EventType !== EventType.OrchestratorCompleted) continue
    const start = events.findLastIndex(
      ({ EventType: type }, i) => i < index && type === EventType.OrchestratorStarted,
    )
    const episode = events.slice(start, index)
    const received = episode.filter(
      ({ EventType: type, EventId: id }) => id === -1 && type !== EventType.ExecutionCompleted,
    )
    const past = events.slice(0, start)
    const generation = {
      row,
      past: asPast(past),
      received: [],
      carriedStatus: null,
    }
    const fresh = received.map((one) => ({ ...one, IsPlayed: false }))
    const { state: answer, failure } = await askWorker(host, generation, asPast(fresh))
    const options = {
      name: row.name,
      takenIds: takenIds(row),
      state: answer,
      executionId: row.executionId,
      limits: host.limits,
      leniences: host.leniences,
      failure,
    }
    const { decisions, ending } = new Walk(options).run([...past, ...fresh])
    const atMs = Date.parse(episode[0]?.Timestamp ?? '')
    const isOver = ending?.kind === 'completed' || ending?.kind === 'failed'
    const now = [
      ...decisions.map((decision) => outline(createdEvent(decision, atMs, host))),
      ...(isOver ? [outline(completedEvent(endOf(ending, failure), atMs))] : []),
      ...(ending?.kind === 'continuedAsNew' ? ['continued as new'] : []),
    ]
    const then = episode.filter(isDecided).map(outline)
    if (JSON.stringify(now) === JSON.stringify(then)) continue
    problems.push(
      `${row.name} ${row.id}, event ${start}: history has [${then.join(', ')}], replay gives [${now.join(', ')}]`,
    )
  }
  return problems
}

/** What the orchestrator asked for, and how it ended; a termination is somebody else's. */
function isDecided({ EventType: type, EventId: id, OrchestrationStatus: status }: HistoryEvent): boolean {
  return id >= 0 || (type === EventType.ExecutionCompleted && status !== statusNumber('Terminated'))
}

function outline({
  EventType: type,
  EventId: id,
  Name: name,
  FireAt: fireAt,
  InstanceId: child,
  OrchestrationStatus: status,
  Result: result,
}: HistoryEvent): string {
  if (type === EventType.ExecutionCompleted) return `ended as ${statusNames[status ?? 0]} with ${result}`
  return [type, id, name, fireAt, child].filter((part) => part !== undefined).join(' ')
}
