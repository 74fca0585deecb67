import type { SourceFile } from './source-file.ts'

/** These are named by what they are behind: the tests that hold them make several of them. */
const TITLES: Readonly<Record<string, string>> = { LateRecords: 'LateParts' }
const isOfCallout = (name: string) => name.startsWith('Callout')

/** Classes of `src/` that implement a port which has a contract suite, and that no test names to it. */
export function contractProblems(src: readonly SourceFile[], tests: readonly SourceFile[]): string[] {
  const suites = tests.filter(({ path }) => /^test\/ports\/[a-z]+\.contract\.ts$/.test(path))
  const ports = new Set(suites.map(({ path }) => path.replace(/^.*\/|\.contract\.ts$/g, '')))
  const texts = tests.map(({ text }) => text)
  return src.flatMap(({ path, text }) =>
    [...text.matchAll(/class (\w+)[^{]* implements (\w+)/g)].flatMap(([, name = '', port = '']) => {
      const suite = port.toLowerCase()
      if (!ports.has(suite) || isOfCallout(name)) return []
      const call = `${suite}Contract('${TITLES[name] ?? name}'`
      return texts.some((each) => each.includes(call))
        ? []
        : [`${path}: ${name} is not held to ${suite}.contract.ts`]
    }),
  )
}
