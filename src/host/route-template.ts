/** A route template of ASP.NET in the syntax of find-my-way, and the checks that a pattern cannot express. */
export interface RouteTemplate {
  /** One path, and where a catch-all ends it also the path without it: a catch-all takes nothing, too. */
  readonly paths: readonly string[]
  /** Names of parameters as the template spells them; `*` stands for the catch-all. */
  readonly catchAll: string | undefined
  readonly accepts: (params: Readonly<Record<string, string>>) => boolean
}

type Check = (value: string) => boolean

const patterns: ReadonlyMap<string, RegExp> = new Map([
  ['int', /^-?\d{1,10}$/],
  ['long', /^-?\d{1,19}$/],
  ['bool', /^(true|false)$/i],
  ['alpha', /^[a-z]*$/i],
  ['guid', /^\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?$/i],
  ['decimal', /^-?[\d,]*\.?\d+$/],
  ['double', /^-?\d*\.?\d+(e[+-]?\d+)?$/i],
  ['float', /^-?\d*\.?\d+(e[+-]?\d+)?$/i],
  ['required', /./],
])

/** Translates `items/{id:int}/{part?}` or `files/{*rest}`; throws on what is no template. */
export function routeTemplate(template: string): RouteTemplate {
  const checks = new Map<string, Check[]>()
  const needed: string[] = []
  let catchAll: string | undefined
  const segments = template.split(/\/(?![^{]*\})/).map((segment) => {
    const rest = /^\{\*\*?([^:}]+).*\}$/.exec(segment)
    if (rest) {
      catchAll = rest[1]
      return '*'
    }
    return segment.replace(
      /\{([^}:?=]+)((?::[^{}]*(?:\{[^}]*\})?[^{}]*)?)(\?)?\}|:/g,
      (whole, name, constraints, optional) => {
        if (whole === ':') return '::'
        const marked = typeof constraints === 'string' && constraints.endsWith('?')
        checks.set(name, checksOf(marked ? constraints.slice(0, -1) : (constraints ?? ''), template))
        if (!optional && !marked) needed.push(name)
        return `:${name}${optional || marked ? '?' : ''}`
      },
    )
  })
  const path = `/${segments.join('/')}`
  const paths = catchAll === undefined ? [path] : [path, `/${segments.slice(0, -1).join('/')}`]
  if (/[{}]/.test(path)) throw new Error(`The route "${template}" is no template this host understands.`)
  // The router lets a segment be empty; ASP.NET does not.
  const accepts = (params: Readonly<Record<string, string>>) =>
    needed.every((name) => params[name] !== undefined) &&
    [...checks].every(
      ([name, all]) => params[name] === undefined || all.every((check) => check(params[name] ?? '')),
    )
  return { paths, catchAll, accepts }
}

function checksOf(constraints: string, template: string): Check[] {
  const parts = constraints.match(/:[^:(]+(\((?:[^()]|\([^()]*\))*\))?/g) ?? []
  return parts.map((part) => check(part.slice(1), template))
}

function check(constraint: string, template: string): Check {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(constraint) ?? []
  const pattern = patterns.get(name.toLowerCase())
  if (pattern) return (value) => pattern.test(value)
  const [low = 0, high = low] = argument.split(',').map(Number)
  switch (name.toLowerCase()) {
    case 'length':
      return (value) => value.length >= low && value.length <= high
    case 'minlength':
      return (value) => value.length >= low
    case 'maxlength':
      return (value) => value.length <= low
    case 'min':
      return (value) => Number(value) >= low
    case 'max':
      return (value) => Number(value) <= low
    case 'range':
      return (value) => Number(value) >= low && Number(value) <= high
    case 'datetime':
      return (value) => !Number.isNaN(Date.parse(value))
    case 'regex': {
      const expression = new RegExp(argument, 'i')
      return (value) => expression.test(value)
    }
    default:
      throw new Error(`The route "${template}" has the unknown constraint "${constraint}".`)
  }
}
