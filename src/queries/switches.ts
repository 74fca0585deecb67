import type { Switch, SwitchScope } from '../domain/switches.ts'
import type { Ports } from '../ports/ports.ts'

const NUMBER_MAX = 999_999
const NUMBER_WIDTH = 6
const SCOPES_MAX = 1000

/** Ids sort newest first, so that the one that counts is read alone. */
function switchId(scope: SwitchScope, number: number): string {
  return `${scope}/${String(NUMBER_MAX - number).padStart(NUMBER_WIDTH, '0')}`
}

/** The newest turn of one scope's switch, and the id that the next one will have. */
async function newest({ records }: Pick<Ports, 'records'>, scope: SwitchScope) {
  const [last] = await records.list('switches', { prefix: `${scope}/`, limit: 1 })
  const number = last ? NUMBER_MAX - Number(last.id.slice(scope.length + 1)) : 0
  return { last: last?.value, nextId: switchId(scope, number + 1) }
}

/** The switches that count for a region: its own and the one over everything. Throws when they can't be read. */
export async function switchesOver(
  ports: Pick<Ports, 'records'>,
  region: string,
): Promise<readonly Switch[]> {
  const both = [await newest(ports, '*'), await newest(ports, region)]
  return both.flatMap(({ last }) => (last ? [last] : []))
}

/** How each scope's switch stands that was ever turned. */
export async function allSwitches(ports: Pick<Ports, 'records'>): Promise<readonly Switch[]> {
  const all: Switch[] = []
  for (let after = ''; all.length < SCOPES_MAX; ) {
    const [next] = await ports.records.list('switches', { after, limit: 1 })
    if (!next) break
    all.push(next.value)
    after = switchId(next.value.scope, 0)
  }
  return all
}

/** Puts a turn on record; `overtaken` when somebody else turned the same switch at the same moment. */
export async function turnSwitch(
  ports: Pick<Ports, 'records'>,
  turn: Switch,
): Promise<'turned' | 'overtaken'> {
  const { nextId } = await newest(ports, turn.scope)
  return (await ports.records.create('switches', nextId, turn)) === 'created' ? 'turned' : 'overtaken'
}
